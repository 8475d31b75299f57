package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
)

// Where stores are kept. A record names the generation of its content, which is complete
// before the record is written: who reads the record never finds half of one.
const (
	prefixStores    = "dcloud/stores/"    // NAME: a storeRecord
	prefixStoreData = "dcloud/storedata/" // NAME/GENERATION/NUMBER: a piece of its content
)

const (
	// maxPiece bounds a value in bytes; Consul takes none above 512 KiB.
	maxPiece = 400 << 10
	// maxContent bounds the content of a store, compressed, and maxContents that of all,
	// which every server holds twice: in Consul and for searches. 3,000 apps take 2 MiB.
	maxContent  = 12 << 20
	maxContents = 32 << 20
	// stray is how long content that no record names is left alone: it may be about to
	// be named.
	stray = time.Hour
)

// storeRecord is what the KV store says of a store.
type storeRecord struct {
	agent.Store
	Notes      []string `json:"notes,omitempty"` // on files that were left out
	Generation string   `json:"generation"`      // of its content: when it was made, in Unix seconds, and a random word
	Pieces     int      `json:"pieces"`
	Size       int      `json:"size"`
	Sum        string   `json:"sum"` // SHA-256 of the content

	index uint64 // the record's modify index
}

func decodeStore(pair *consul.KVPair) (storeRecord, error) {
	name := strings.TrimPrefix(pair.Key, prefixStores)
	r := storeRecord{}
	if err := json.Unmarshal(pair.Value, &r); err != nil {
		return storeRecord{Store: agent.Store{Name: name}, index: pair.ModifyIndex}, fmt.Errorf("the record of the store %s is damaged: %w", name, err)
	}
	r.index = pair.ModifyIndex
	if r.Name != name || !oneKey(r.Generation) || r.Pieces < 0 || r.Size < 0 || r.Size > maxContent || r.Pieces > maxContent/maxPiece+1 {
		return storeRecord{Store: agent.Store{Name: name}, index: pair.ModifyIndex}, fmt.Errorf("the record of the store %s is damaged", name)
	}
	return r, nil
}

// storeRecords reads all of them. One that is damaged has nothing but its name.
func (st *store) storeRecords(ctx context.Context) ([]storeRecord, error) {
	pairs, _, err := st.kv.List(prefixStores, consistent(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the stores: %w", err)
	}
	out := make([]storeRecord, 0, len(pairs))
	for _, p := range pairs {
		r, _ := decodeStore(p)
		out = append(out, r)
	}
	return out, nil
}

// storeRecord reads one; nil for none.
func (st *store) storeRecord(ctx context.Context, name string) (*storeRecord, error) {
	if !nameForm.MatchString(name) {
		return nil, nil
	}
	pair, _, err := st.kv.Get(prefixStores+name, consistent(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the store %s: %w", name, err)
	}
	if pair == nil {
		return nil, nil
	}
	r, _ := decodeStore(pair)
	return &r, nil
}

func (r *storeRecord) dataKey(number int) string {
	return fmt.Sprintf("%s%s/%s/%03d", prefixStoreData, r.Name, r.Generation, number)
}

// dataPrefix is where a generation's pieces are; "" where there is none.
func (r *storeRecord) dataPrefix() string {
	if r.Generation == "" {
		return ""
	}
	return prefixStoreData + r.Name + "/" + r.Generation + "/"
}

// writeStore writes a store's new content, and then its record in the place of before,
// an index of 0 for none. What was before is there until then, whoever dies when.
func (st *store) writeStore(ctx context.Context, r *storeRecord, content []byte, before *storeRecord) error {
	sum := sha256.Sum256(content)
	r.Size, r.Sum, r.Pieces = len(content), hex.EncodeToString(sum[:]), 0
	for at := 0; at < len(content); at += maxPiece {
		piece := content[at:min(at+maxPiece, len(content))]
		if _, err := st.kv.Put(&consul.KVPair{Key: r.dataKey(r.Pieces), Value: piece}, (&consul.WriteOptions{}).WithContext(ctx)); err != nil {
			st.dropContent(r)
			return fmt.Errorf("write the store %s: %w", r.Name, err)
		}
		r.Pieces++
	}
	err := st.putStore(ctx, r, before)
	if code := agent.AsError(err); code != nil && code.Code == agent.CodeConflict {
		st.dropContent(r) // of other errors it is not known whether the record was written
	}
	return err
}

// dropContent takes back content that no record names, also where its context has ended.
func (st *store) dropContent(r *storeRecord) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, _ = st.kv.DeleteTree(r.dataPrefix(), (&consul.WriteOptions{}).WithContext(ctx)) // what is left goes with the next sweep
}

// putStore writes a record in the place of another, and takes away the content that it
// no longer names, all at once.
func (st *store) putStore(ctx context.Context, r, before *storeRecord) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	put := &consul.KVTxnOp{Verb: consul.KVCAS, Key: prefixStores + r.Name, Value: text}
	if before != nil {
		put.Index = before.index
	}
	ops := consul.TxnOps{{KV: put}}
	if before != nil && before.dataPrefix() != "" && before.Generation != r.Generation {
		ops = append(ops, &consul.TxnOp{KV: &consul.KVTxnOp{Verb: consul.KVDeleteTree, Key: before.dataPrefix()}})
	}
	if err := st.write(ctx, ops); err != nil {
		return storeChanged(err, r.Name)
	}
	return nil
}

// deleteStore takes a store away with all its content.
func (st *store) deleteStore(ctx context.Context, r *storeRecord) error {
	err := st.write(ctx, consul.TxnOps{
		{KV: &consul.KVTxnOp{Verb: consul.KVDeleteCAS, Key: prefixStores + r.Name, Index: r.index}},
		{KV: &consul.KVTxnOp{Verb: consul.KVDeleteTree, Key: prefixStoreData + r.Name + "/"}},
	})
	if err != nil {
		return storeChanged(err, r.Name)
	}
	return nil
}

func storeChanged(err error, name string) error {
	if err == errRaced {
		return agent.Errorf(agent.CodeConflict, "somebody else changed the store %s at the same time", name).
			WithHint("look at it with: dcloud catalog store show %s", name)
	}
	return fmt.Errorf("write the store %s: %w", name, err)
}

// storeContent reads a store's content, whole.
func (st *store) storeContent(ctx context.Context, r storeRecord) ([]byte, error) {
	if r.dataPrefix() == "" {
		return nil, nil
	}
	// The default consistency: the record may be read before the pieces are on this
	// server, and then they are asked for again.
	pairs, _, err := st.kv.List(r.dataPrefix(), consistent(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the store %s: %w", r.Name, err)
	}
	content := make([]byte, 0, r.Size)
	for k, p := range pairs {
		if p.Key != r.dataKey(k) {
			return nil, errContent
		}
		content = append(content, p.Value...)
	}
	if sum := sha256.Sum256(content); len(pairs) != r.Pieces || len(content) != r.Size || hex.EncodeToString(sum[:]) != r.Sum {
		return nil, errContent
	}
	return content, nil
}

// sweepStores takes away content that no record names and that nobody is still writing:
// who wrote it was killed.
func (st *store) sweepStores(ctx context.Context, now time.Time) error {
	keys, _, err := st.kv.Keys(prefixStoreData, "", consistent(ctx))
	if err != nil {
		return fmt.Errorf("look for what is left of stores: %w", err)
	}
	records, err := st.storeRecords(ctx) // after the keys: what came between is named
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, r := range records {
		named[r.dataPrefix()] = true
	}
	for _, key := range keys {
		words := strings.Split(strings.TrimPrefix(key, prefixStoreData), "/")
		if len(words) != 3 || named[prefixStoreData+words[0]+"/"+words[1]+"/"] {
			continue
		}
		made, _, _ := strings.Cut(words[1], "-")
		if seconds, err := strconv.ParseInt(made, 10, 64); err == nil && now.Sub(time.Unix(seconds, 0)) < stray {
			continue
		}
		if _, err := st.kv.Delete(key, (&consul.WriteOptions{}).WithContext(ctx)); err != nil {
			return fmt.Errorf("take away what is left of a store: %w", err)
		}
	}
	return nil
}
