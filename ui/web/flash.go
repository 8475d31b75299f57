package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"
)

const flashCookie = "dcloud_flash"

// maxFlash bounds a message for the next page, in bytes.
const maxFlash = 500

// flash keeps a message for the next page, signed, since it is shown as ours.
func (c *Ctx) flash(message string) {
	if len(message) > maxFlash {
		message = strings.ToValidUTF8(message[:maxFlash], "") + "…"
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(message))
	c.SetCookie(flashCookie, text+"."+flashSum(c.secret(), text), c.Now().Add(time.Minute))
}

// Flash is the message that the page before left, once.
func (c *Ctx) Flash() string {
	value := c.Cookie(flashCookie)
	if value == "" {
		return ""
	}
	c.SetCookie(flashCookie, "", time.Unix(1, 0))
	text, sum, _ := strings.Cut(value, ".")
	message, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !hmac.Equal([]byte(sum), []byte(flashSum(c.secret(), text))) {
		return ""
	}
	return string(message)
}

func flashSum(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("dcloud flash " + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
