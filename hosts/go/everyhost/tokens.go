package everyhost

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A TokenCode is the stable name of why a token is refused, the same in every language. It is an error itself, so that
// errors.Is(result.Err, everyhost.TokenNoKey) asks for it.
type TokenCode string

// Why a token is refused.
const (
	// TokenMalformed: not three parts of base64url without padding, or the header or the claims are no JSON object, or alg or kid is
	// no text.
	TokenMalformed TokenCode = "MALFORMED"

	// TokenAlgorithm: alg is neither EdDSA nor Ed25519.
	TokenAlgorithm TokenCode = "ALGORITHM"

	// TokenCritical: it has a crit, and no extension is understood here.
	TokenCritical TokenCode = "CRITICAL"

	// TokenNoKey: not exactly one key fits.
	TokenNoKey TokenCode = "NO_KEY"

	// TokenSignatureInvalid: the signature is not by the key that fits.
	TokenSignatureInvalid TokenCode = "SIGNATURE_INVALID"
)

// Error makes a TokenCode an error.
func (c TokenCode) Error() string { return string(c) }

// A TokenError says why a token is refused. Act on the Code; the rest is for people.
type TokenError struct {
	Code   TokenCode
	Detail string
}

func (e *TokenError) Error() string { return string(e.Code) + ": " + e.Detail }

// Is says whether target is this error's Code.
func (e *TokenError) Is(target error) bool { return target == e.Code }

// A Token is what came of one: its claims, as encoding/json has an object, or why it is refused.
type Token struct {
	Claims map[string]any
	Err    error // a *TokenError
}

// VerifyTokens verifies the signatures of JSON Web Tokens in compact form by Ed25519 (RFC 8037, RFC 9864), all by one VerifyMany, and
// gives what came of each, in order. jwks is the set of keys in JSON, such as {"keys":[…]}.
//
// A key fits a token if its kty is OKP, its crv Ed25519, its x 32 bytes and, if it has them, its use is sig, its key_ops have verify,
// and its alg is the token's. If the token has a kid, the key has the same. Exactly one must fit.
//
// Only the signature is verified, and no claim is looked at before: check exp, nbf, aud and iss yourself.
//
// Errors: as VerifyMany; and one without a Code if jwks is no such set.
func (v *Verifier) VerifyTokens(tokens []string, jwks []byte) ([]Token, error) {
	keys, err := usableKeys(jwks)
	if err != nil {
		return nil, err
	}
	results := make([]Token, len(tokens))
	claims := make([][]byte, len(tokens))
	var signed []Signed
	found := make(map[string]keyOrError) // by the header: tokens of one issuer begin alike
	for n, token := range tokens {
		var item Signed
		if item, claims[n], results[n].Err = parseToken(token, keys, found); results[n].Err == nil {
			signed = append(signed, item)
		}
	}
	verdicts, err := v.VerifyMany(signed)
	if err != nil {
		return nil, err
	}
	for n := range results {
		result := &results[n]
		if result.Err != nil {
			continue
		}
		isRight := verdicts[0]
		verdicts = verdicts[1:]
		if !isRight {
			result.Err = &TokenError{TokenSignatureInvalid, "the signature is not by the key that fits"}
		} else if result.Claims = object(claims[n]); result.Claims == nil {
			result.Err = &TokenError{TokenMalformed, "its claims are no JSON object"}
		}
	}
	return results, nil
}

// A TokenOption changes the header of a token.
type TokenOption func(*tokenHeader)

type tokenHeader struct {
	Alg string  `json:"alg"`
	Typ string  `json:"typ"`
	Kid *string `json:"kid,omitempty"`
}

// WithAlg names the algorithm EdDSA (RFC 8037), as it is by default and as most verify it, or Ed25519 (RFC 9864).
func WithAlg(alg string) TokenOption { return func(header *tokenHeader) { header.Alg = alg } }

// WithKid names the key by which to verify the token.
func WithKid(kid string) TokenOption { return func(header *tokenHeader) { header.Kid = &kid } }

// SignToken makes a JSON Web Token in compact form, signed with the held key. The claims are what encoding/json writes as an object,
// such as a map or a struct.
//
// Errors: as Sign; a *TokenError for claims that are no object or have text that is not UTF-8, or an alg of another key; and what encoding/json says of the claims.
func (s *Signer) SignToken(claims any, options ...TokenOption) (string, error) {
	header := tokenHeader{Alg: "EdDSA", Typ: "JWT"}
	for _, option := range options {
		option(&header)
	}
	if err := checkAlg(header.Alg); err != nil {
		return "", err
	}
	if header.Kid != nil && !utf8.ValidString(*header.Kid) {
		return "", &TokenError{TokenMalformed, fmt.Sprintf("its kid is %q; expected UTF-8", *header.Kid)}
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("the claims cannot be written as JSON: %w", err)
	}
	// So it writes what is not UTF-8. It writes U+FFFD itself without an escape.
	if hasEscape(payload, func(code, _ rune) bool { return code == utf8.RuneError }) {
		return "", &TokenError{TokenMalformed, "its claims have text that is not UTF-8"}
	}
	if object(payload) == nil {
		return "", &TokenError{TokenMalformed, fmt.Sprintf("its claims are %T; expected what is a JSON object, such as a map", claims)}
	}
	head, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(payload)
	signature, err := s.Sign([]byte(text))
	if err != nil {
		return "", err
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

func checkAlg(alg string) error {
	if alg != "EdDSA" && alg != "Ed25519" {
		return &TokenError{TokenAlgorithm, fmt.Sprintf("its alg is %q; expected EdDSA or Ed25519", alg)}
	}
	return nil
}

var errNotBase64URL = &TokenError{TokenMalformed, "it is not three parts of base64url without padding"}

type keyOrError struct {
	key []byte
	err error
}

// parseToken gives what is to be verified, and the claims, which nobody may look at before.
func parseToken(token string, keys []usableKey, found map[string]keyOrError) (item Signed, claims []byte, err error) {
	if len(token) > maxMessageLen {
		return item, nil, &TokenError{TokenMalformed, fmt.Sprintf("it is longer than %d", maxMessageLen)}
	}
	parts := strings.SplitN(token, ".", 4)
	if len(parts) != 3 {
		return item, nil, errNotBase64URL
	}
	claims, err = fromBase64URL(parts[1])
	if err == nil {
		item.Signature, err = fromBase64URL(parts[2])
	}
	if err != nil {
		return item, nil, errNotBase64URL
	}
	key, ok := found[parts[0]]
	if !ok {
		key.key, key.err = keyFor(parts[0], keys)
		found[parts[0]] = key
	}
	item.PublicKey = key.key
	item.Message = []byte(token[:len(token)-len(parts[2])-1])
	return item, claims, key.err
}

// keyFor is the one key that fits a header.
func keyFor(part string, keys []usableKey) ([]byte, error) {
	decoded, err := fromBase64URL(part)
	if err != nil {
		return nil, errNotBase64URL
	}
	header := object(decoded)
	if header == nil {
		return nil, &TokenError{TokenMalformed, "its header is no JSON object"}
	}
	alg, isText := header["alg"].(string)
	kid, kidIsText := header["kid"].(string)
	_, hasKid := header["kid"]
	if !isText || hasKid && !kidIsText {
		return nil, &TokenError{TokenMalformed, "its alg or its kid is no text"}
	}
	if err := checkAlg(alg); err != nil {
		return nil, err
	}
	if _, has := header["crit"]; has {
		return nil, &TokenError{TokenCritical, "it has a crit, and no extension is understood here"}
	}
	var fitting [][]byte
	for _, key := range keys {
		if is(key.entry, "alg", alg) && (!hasKid || key.entry["kid"] == any(kid)) {
			fitting = append(fitting, key.key)
		}
	}
	if len(fitting) == 1 {
		return fitting[0], nil
	}
	which := "and the token has no kid to choose by"
	if hasKid {
		which = fmt.Sprintf("with the kid %q", kid)
	}
	return nil, &TokenError{TokenNoKey, fmt.Sprintf("%d keys fit, %s; expected one", len(fitting), which)}
}

// A usableKey is an entry of a set, and its bytes.
type usableKey struct {
	entry map[string]any
	key   []byte
}

// usableKeys are the keys of Ed25519 that may verify.
func usableKeys(jwks []byte) ([]usableKey, error) {
	wrong := errors.New(`a set of keys is an object in JSON, such as {"keys":[{"kty":"OKP",…}]}`)
	entries, ok := object(jwks)["keys"].([]any)
	if !ok {
		return nil, wrong
	}
	var keys []usableKey
	for _, one := range entries {
		entry, ok := one.(map[string]any)
		if !ok {
			return nil, wrong
		}
		operations, hasOperations := entry["key_ops"]
		list, _ := operations.([]any)
		if hasOperations && !slices.Contains(list, any("verify")) || !is(entry, "use", "sig") || entry["kty"] != "OKP" || entry["crv"] != "Ed25519" {
			continue
		}
		x, _ := entry["x"].(string)
		if key, err := fromBase64URL(x); err == nil && len(key) == PublicKeyLen {
			keys = append(keys, usableKey{entry, key})
		}
	}
	return keys, nil
}

// is says whether a member has this value, if it is there at all.
func is(entry map[string]any, name, value string) bool {
	has, ok := entry[name]
	return !ok || has == any(value)
}

// fromBase64URL decodes what has no padding, of which each text has one form. Strict by itself lets line ends pass.
func fromBase64URL(part string) ([]byte, error) {
	if strings.ContainsAny(part, "\r\n") {
		return nil, errNotBase64URL
	}
	return base64.RawURLEncoding.Strict().DecodeString(part)
}

// object is a JSON object, or nil if it is none. encoding/json by itself puts U+FFFD for what is not UTF-8, and for half a surrogate
// pair, so that different names would become the same.
func object(text []byte) map[string]any {
	var value map[string]any
	if !utf8.Valid(text) || json.Unmarshal(text, &value) != nil || hasEscape(text, isHalfPair) {
		return nil
	}
	return value // null is nil too
}

// isHalfPair is whether an escape is half a surrogate pair, and the next one not its other half.
func isHalfPair(code, next rune) bool {
	return utf16.IsSurrogate(code) && utf16.DecodeRune(code, next) == utf8.RuneError
}

// hasEscape is whether JSON, which text is, has such an escape: \u and a code. next is that of the escape behind it, or -1. It is not
// asked about the second half of a pair.
func hasEscape(text []byte, is func(code, next rune) bool) bool {
	for at := 0; at < len(text); at++ {
		if text[at] != '\\' {
			continue
		}
		code, next := escapeAt(text, at), escapeAt(text, at+6)
		switch {
		case code < 0:
			at++ // over what is escaped, which may be a backslash
		case is(code, next):
			return true
		case utf16.IsSurrogate(code):
			at += 11
		default:
			at += 5
		}
	}
	return false
}

// escapeAt is the code of an escape, or -1 if there is none.
func escapeAt(text []byte, at int) rune {
	if len(text) < at+6 || text[at] != '\\' || text[at+1] != 'u' {
		return -1
	}
	code, err := strconv.ParseUint(string(text[at+2:at+6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(code)
}
