package people

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// sealer keeps what a browser is to bring back in the browser, sealed, so that nothing
// has to be stored for people who are not signed in: a passkey's challenge, the second
// step of signing in. All servers seal with one key.
type sealer struct {
	mu   sync.Mutex
	aead cipher.AEAD
}

// envelope is what is sealed.
type envelope struct {
	Expires time.Time       `json:"e"`
	Value   json.RawMessage `json:"v"`
}

// maxSealed bounds what is opened, in bytes of base64.
const maxSealed = 16 << 10

// seal makes a text of v that nobody else can read or make, good for a purpose and a time.
func (s *Service) seal(ctx context.Context, purpose string, v any, good time.Duration) (string, error) {
	aead, err := s.aead(ctx)
	if err != nil {
		return "", err
	}
	value, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(envelope{s.Now().Add(good), value})
	if err != nil {
		return "", err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(text)+aead.Overhead())
	if _, err := io.ReadFull(s.Rand, nonce); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(aead.Seal(nonce, nonce, text, []byte(purpose))), nil
}

// open reads what seal made; errTooLate for anything else.
func (s *Service) open(ctx context.Context, purpose, text string, v any) error {
	aead, err := s.aead(ctx)
	if err != nil {
		return err
	}
	if len(text) > maxSealed {
		return errTooLate
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(sealed) < aead.NonceSize() {
		return errTooLate
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(purpose))
	if err != nil {
		return errTooLate
	}
	var e envelope
	if json.Unmarshal(plain, &e) != nil || !s.Now().Before(e.Expires) || json.Unmarshal(e.Value, v) != nil {
		return errTooLate
	}
	return nil
}

// aead reads the key, and makes one where there is none yet.
func (s *Service) aead(ctx context.Context) (cipher.AEAD, error) {
	s.sealer.mu.Lock()
	defer s.sealer.mu.Unlock()
	if s.sealer.aead != nil {
		return s.sealer.aead, nil
	}
	key, err := s.sealKey(ctx)
	if err != nil {
		return nil, fmt.Errorf("the key that browsers' texts are sealed with: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, damaged(keySeal, err)
	}
	s.sealer.aead, err = cipher.NewGCM(block)
	return s.sealer.aead, err
}

func (s *Service) sealKey(ctx context.Context) ([]byte, error) {
	for range tries {
		r, err := s.Store.Get(ctx, keySeal)
		if err != nil || r.Index != 0 {
			return r.Value, err
		}
		key := make([]byte, 32)
		if _, err := io.ReadFull(s.Rand, key); err != nil {
			return nil, err
		}
		err = s.Store.Write(ctx, Op{Key: keySeal, Value: key})
		if err == nil || !errors.Is(err, ErrChanged) {
			return key, err
		}
	}
	return nil, errBusy
}
