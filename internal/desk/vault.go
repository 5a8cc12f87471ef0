package desk

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"deskside"
)

// SecretSize is the length of the server's secret, in bytes.
const SecretSize = 32

// A Vault is the server's secret at work: it makes the look-up values of keys
// and links, and seals both, and what invitations hold, for as long as
// somebody needs to see them again.
// All nodes of one service have the same secret.
type Vault struct {
	digits, link, address, receipt, relay, code, helper []byte
	seal                                                cipher.AEAD
}

// NewVault derives what it needs from the secret, by HKDF (RFC 5869).
func NewVault(secret []byte) (*Vault, error) {
	if len(secret) != SecretSize {
		return nil, fmt.Errorf("the server's secret has %d bytes instead of %d", len(secret), SecretSize)
	}
	derived := make(map[string][]byte)
	for _, purpose := range []string{"digits", "link", "address", "receipt", "relay", "code", "helper", "seal"} {
		key, err := hkdf.Key(sha256.New, secret, nil, "deskside "+purpose, sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("derive %s: %w", purpose, err)
		}
		derived[purpose] = key
	}
	block, err := aes.NewCipher(derived["seal"])
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Vault{
		digits: derived["digits"], link: derived["link"], address: derived["address"], receipt: derived["receipt"], relay: derived["relay"],
		code: derived["code"], helper: derived["helper"], seal: seal,
	}, nil
}

// RelaySecret returns what credentials of the relay are made with.
func (v *Vault) RelaySecret() []byte { return v.relay }

// newKey draws digits and a token and returns what the store keeps of them.
func (v *Vault) newKey(session deskside.SessionID, generation int) (*deskside.Key, error) {
	digits, err := deskside.NewSupportKey()
	if err != nil {
		return nil, err
	}
	token := deskside.NewID()
	plain := []byte(string(digits) + " " + token)
	return &deskside.Key{
		Session:    session,
		Generation: generation,
		DigitsMAC:  v.digitsMAC(digits),
		LinkMAC:    v.linkMAC(token),
		Sealed:     v.seal.Seal(nil, nil, plain, []byte(session)),
	}, nil
}

// open returns the digits and the token of a key, both empty once they are
// wiped.
func (v *Vault) open(k deskside.Key) (deskside.SupportKey, string, error) {
	if k.Sealed == nil {
		return "", "", nil
	}
	plain, err := v.seal.Open(nil, nil, k.Sealed, []byte(k.Session))
	if err != nil {
		return "", "", fmt.Errorf("open the key of session %s: %w", k.Session, err)
	}
	digits, token, _ := strings.Cut(string(plain), " ")
	return deskside.SupportKey(digits), token, nil
}

func (v *Vault) digitsMAC(k deskside.SupportKey) []byte { return mac(v.digits, string(k)) }
func (v *Vault) linkMAC(token string) []byte            { return mac(v.link, token) }

// codeMAC and helperMAC look a helper's code and its credential up. Neither
// can be mistaken for an end-user's credential: that is looked up by its hash.
func (v *Vault) codeMAC(c deskside.HelperCode) []byte { return mac(v.code, string(c)) }
func (v *Vault) helperMAC(token string) []byte        { return mac(v.helper, token) }

// addressMAC names an address in the limits, without holding it.
func (v *Vault) addressMAC(address string) string {
	return base64.RawURLEncoding.EncodeToString(mac(v.address, address))
}

// receiptMAC proves that whoever reports on an invitation was told to by us.
func (v *Vault) receiptMAC(id deskside.InvitationID) string {
	return base64.RawURLEncoding.EncodeToString(mac(v.receipt, string(id)))
}

// sealJSON seals a value that belongs to an invitation.
func (v *Vault) sealJSON(id deskside.InvitationID, value any) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return v.seal.Seal(nil, nil, plain, []byte(id)), nil
}

// openJSON opens what sealJSON sealed.
func (v *Vault) openJSON(id deskside.InvitationID, sealed []byte, value any) error {
	plain, err := v.seal.Open(nil, nil, sealed, []byte(id))
	if err != nil {
		return fmt.Errorf("open invitation %s: %w", id, err)
	}
	return json.Unmarshal(plain, value)
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// newSecret draws an end-user's credential. It has 128 random bits, so a plain
// hash is as good as any to store.
func newSecret() (secret string, hash []byte) {
	secret = deskside.NewID()
	return secret, hashSecret(secret)
}

func hashSecret(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// NewSecret draws a server's secret.
func NewSecret() []byte {
	b := make([]byte, SecretSize)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return b
}
