package stores

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// This is git's protocol version 2 over HTTP, as far as it takes to read the files of
// one commit: https://git-scm.com/docs/protocol-v2, https://git-scm.com/docs/http-protocol.
// First come the commit and its folders, without any file; then just the files that are
// wanted. Nothing is checked out, so there are no hooks, filters, submodules or links.

// errNoGit tells that no git server answered.
var errNoGit = agent.Errorf(agent.CodeFailed, "no git server answers there that speaks version 2 of git's protocol").
	WithHint("is the address that of `git clone`? A server from before 2018 is too old; give it as an archive then")

const (
	maxLines = 1000     // of an answer about capabilities and branches
	batch    = 2000     // files that are asked for at once
	maxWhole = 64 << 20 // bytes of a commit with all its files, from a server that cannot send a part
)

// oid names an object: its SHA-1.
type oid [20]byte

func (o oid) String() string { return hex.EncodeToString(o[:]) }

func parseOID(text string) (oid, bool) {
	var o oid
	b, err := hex.DecodeString(text)
	return o, err == nil && len(b) == len(o) && copy(o[:], b) == len(o)
}

// remote is a repository on a server.
type remote struct {
	client *http.Client
	base   string // of the addresses: https://git.example.org/me/apps.git
	limits Limits
	filter bool // it can leave files out
	format bool // it wants to be told how objects are named
	wire   int64
}

// clone reads the files of a repository's newest commit.
func (f Fetcher) clone(ctx context.Context, client *http.Client, src Source) (Files, error) {
	r := &remote{client: client, base: strings.TrimRight(src.URL.String(), "/"), limits: f.Limits}
	if err := r.greet(ctx); err != nil {
		return Files{}, err
	}
	commit, err := r.head(ctx, src.Branch)
	if err != nil {
		return Files{}, err
	}
	most := int64(maxWhole)
	extra := []string{"deepen 1"}
	if r.filter {
		most, extra = min(most, f.Limits.Kept), append(extra, "filter blob:none")
	}
	p, err := r.fetch(ctx, []oid{commit}, most, extra...)
	if err != nil {
		return Files{}, err
	}
	w := &walk{shelf: newShelf(f.Limits), pack: p}
	if err := w.commit(commit); err != nil {
		return Files{}, err
	}
	if err := r.fill(ctx, w); err != nil {
		return Files{}, err
	}
	return w.shelf.done(commit.String()), nil
}

// fill brings the files that a walk found.
func (r *remote) fill(ctx context.Context, w *walk) error {
	for len(w.wanted) > 0 {
		now := w.wanted[:min(batch, len(w.wanted))]
		w.wanted = w.wanted[len(now):]
		var missing []oid
		asked := map[oid]bool{}
		for _, f := range now {
			if !w.pack.has(f.id) && !asked[f.id] {
				asked[f.id] = true
				missing = append(missing, f.id)
			}
		}
		from := w.pack
		if len(missing) > 0 {
			if !r.filter {
				return damaged("a file is missing")
			}
			var err error
			if from, err = r.fetch(ctx, missing, r.limits.Kept); err != nil {
				return err
			}
		}
		if err := w.take(now, from); err != nil {
			return err
		}
	}
	return nil
}

// greet asks what the server can do.
func (r *remote) greet(ctx context.Context) error {
	resp, err := ask(ctx, r.client, http.MethodGet, r.base+"/info/refs?service=git-upload-pack", nil, http.Header{"Git-Protocol": {"version=2"}})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.Header.Get("Content-Type") != "application/x-git-upload-pack-advertisement" {
		return errNoGit
	}
	// What was moved is asked for where it is now.
	final := *resp.Request.URL
	final.RawQuery = ""
	base, ok := strings.CutSuffix(final.String(), "/info/refs")
	if !ok {
		return errNoGit
	}
	r.base = base
	in := answer(ctx, resp, 1<<20)
	version2, flushes := false, 0
	for range maxLines {
		line, end, err := packet(in)
		if err != nil {
			return unreadable(err)
		}
		if end {
			if flushes++; version2 || flushes > 1 {
				break
			}
			continue
		}
		text := strings.TrimSuffix(string(line), "\n")
		switch key, value, _ := strings.Cut(text, "="); {
		case text == "version 2":
			version2 = true
		case key == "fetch":
			r.filter = strings.Contains(" "+value+" ", " filter ")
		case text == "object-format=sha1":
			r.format = true
		case key == "object-format":
			return agent.Errorf(agent.CodeFailed, "the repository names its objects with %s, and only SHA-1 is read", shown(value)).
				WithHint("give the store as an archive")
		}
	}
	if !version2 {
		return errNoGit
	}
	return nil
}

// head finds the commit of a branch or a tag, "" for what the repository has as main.
func (r *remote) head(ctx context.Context, branch string) (oid, error) {
	names := []string{"HEAD"}
	if branch != "" {
		names = []string{"refs/heads/" + branch, "refs/tags/" + branch}
	}
	args := []string{"peel"}
	for _, n := range names {
		args = append(args, "ref-prefix "+n)
	}
	resp, err := r.command(ctx, "ls-refs", args)
	if err != nil {
		return oid{}, err
	}
	defer resp.Body.Close()
	in := answer(ctx, resp, 1<<20)
	found := map[string]oid{}
	for range maxLines {
		line, end, err := packet(in)
		if err != nil {
			return oid{}, unreadable(err)
		}
		if end {
			break
		}
		if text, isError := strings.CutPrefix(string(line), "ERR "); isError {
			return oid{}, refusedBy(text)
		}
		words := strings.Fields(string(line))
		if len(words) < 2 {
			continue
		}
		id, ok := parseOID(words[0])
		for _, attribute := range words[2:] { // of an annotated tag: what it is on
			if peeled, is := strings.CutPrefix(attribute, "peeled:"); is {
				id, ok = parseOID(peeled)
			}
		}
		if ok {
			found[words[1]] = id
		}
	}
	for _, n := range names {
		if id, ok := found[n]; ok {
			return id, nil
		}
	}
	if branch != "" {
		return oid{}, agent.Errorf(agent.CodeFailed, "the repository has no branch or tag called %s", shown(branch)).WithHint("leave out what follows the #")
	}
	return oid{}, agent.Errorf(agent.CodeFailed, "the repository is empty")
}

// fetch brings objects, in one pack of up to that many bytes.
func (r *remote) fetch(ctx context.Context, want []oid, most int64, extra ...string) (*pack, error) {
	args := append([]string{"no-progress", "ofs-delta"}, extra...)
	for _, id := range want {
		args = append(args, "want "+id.String())
	}
	resp, err := r.command(ctx, "fetch", append(args, "done"))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	in := answer(ctx, resp, r.limits.Wire)
	for range maxLines {
		line, _, err := packet(in)
		if err != nil {
			return nil, unreadable(err)
		}
		if text, isError := strings.CutPrefix(string(line), "ERR "); isError {
			return nil, refusedBy(text)
		}
		if string(line) == "packfile\n" {
			data, err := demultiplex(in, most)
			if err != nil {
				return nil, err
			}
			if r.wire += int64(len(data)); r.wire > r.limits.Wire {
				return nil, hostile("it is larger than %d MiB", r.limits.Wire>>20)
			}
			return readPack(ctx, data, r.limits)
		}
	}
	return nil, damaged("the server sends no files")
}

// demultiplex reads a pack out of the side band, in which it comes.
func demultiplex(in *bufio.Reader, most int64) ([]byte, error) {
	var data bytes.Buffer
	for {
		line, end, err := packet(in)
		if err != nil {
			return nil, unreadable(err)
		}
		if end {
			return data.Bytes(), nil
		}
		switch line[0] { // a packet that is no mark has something in it
		case 1:
			if int64(data.Len()+len(line)) > most {
				return nil, agent.Errorf(agent.CodeFailed, "the repository sends more than %d MiB", most>>20).
					WithHint("give the store as an archive, or a repository with nothing else in it")
			}
			data.Write(line[1:])
		case 3:
			return nil, refusedBy(string(line[1:]))
		}
	}
}

func refusedBy(text string) error {
	return agent.Errorf(agent.CodeFailed, "the git server says: %s", shown(strings.TrimSpace(text))).WithHint("try again later")
}

func damaged(what string) error {
	return agent.Errorf(agent.CodeFailed, "the repository is damaged: %s", what).WithHint("try again later, or give the store as an archive")
}

// command asks the server for something.
func (r *remote) command(ctx context.Context, name string, args []string) (*http.Response, error) {
	var b bytes.Buffer
	line := func(text string) { fmt.Fprintf(&b, "%04x%s\n", len(text)+5, text) }
	line("command=" + name)
	if r.format { // a server that does not know the word refuses it
		line("object-format=sha1")
	}
	b.WriteString("0001")
	for _, a := range args {
		line(a)
	}
	b.WriteString("0000")
	resp, err := ask(ctx, r.client, http.MethodPost, r.base+"/git-upload-pack", b.Bytes(), http.Header{
		"Content-Type": {"application/x-git-upload-pack-request"}, "Accept": {"application/x-git-upload-pack-result"}, "Git-Protocol": {"version=2"}})
	if err == nil && resp.Header.Get("Content-Type") != "application/x-git-upload-pack-result" {
		resp.Body.Close()
		return nil, errNoGit
	}
	return resp, err
}

// packet reads one line of the protocol, at most 65,516 bytes. end tells of a mark that
// ends what came before; a mark between parts is a line without anything but "\x00".
func packet(in *bufio.Reader) (line []byte, end bool, err error) {
	var head [4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, false, short(err)
	}
	n, err := strconv.ParseUint(string(head[:]), 16, 16)
	switch {
	case err != nil || n == 3 || n > 65520:
		return nil, false, errNoGit
	case n == 0 || n == 2: // flush, end of the answer
		return nil, true, nil
	case n == 1: // between parts
		return []byte{0}, false, nil
	case n == 4:
		return []byte{0}, false, nil
	}
	line = make([]byte, n-4)
	_, err = io.ReadFull(in, line)
	return line, false, short(err)
}

// short makes the end of the file one that comes too soon.
func short(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
