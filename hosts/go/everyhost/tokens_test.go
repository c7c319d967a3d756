package everyhost

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// The tokens of hosts/token-cases.json, which every language answers alike, and golang-jwt beside.

type tokenTable struct {
	KeySets    map[string]json.RawMessage `json:"key_sets"`
	BadKeySets map[string]json.RawMessage `json:"bad_key_sets"`
	Cases      []tokenCase
}

type tokenCase struct {
	Name, JWKS, Token string
	Claims            map[string]any
	Code              TokenCode
}

func tokenCases(t testing.TB) (table tokenTable) {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	text := must[[]byte](t)(os.ReadFile(filepath.Join(filepath.Dir(here), "../../token-cases.json")))
	noError(t, json.Unmarshal(text, &table))
	expect(t, len(table.Cases) >= 30, "the table has %d cases", len(table.Cases))
	return table
}

func wantToken(t *testing.T, got Token, one tokenCase) {
	t.Helper()
	var refused *TokenError
	switch {
	case one.Code == "":
		expect(t, got.Err == nil && reflect.DeepEqual(got.Claims, one.Claims), "%s: %v, %v", one.Name, got.Claims, got.Err)
	case !errors.As(got.Err, &refused) || !errors.Is(got.Err, one.Code) || refused.Detail == "" || got.Claims != nil:
		t.Errorf("%s: %v, %v, not %s", one.Name, got.Claims, got.Err, one.Code)
	}
}

func TestEachTokenIsAnsweredAsInEveryLanguage(t *testing.T) {
	table := tokenCases(t)
	for _, module := range verifyingModules(t) {
		v := verifierOf(t, module)
		together := make(map[string][]tokenCase)
		for _, one := range table.Cases {
			wantToken(t, must[[]Token](t)(v.VerifyTokens([]string{one.Token}, table.KeySets[one.JWKS]))[0], one)
			together[one.JWKS] = append(together[one.JWKS], one, one)
		}
		for jwks, cases := range together {
			tokens := make([]string, len(cases))
			for n, one := range cases {
				tokens[n] = one.Token
			}
			for n, got := range must[[]Token](t)(v.VerifyTokens(tokens, table.KeySets[jwks])) {
				wantToken(t, got, cases[n])
			}
		}
		want(t, len(must[[]Token](t)(v.VerifyTokens(nil, table.KeySets["one"]))), 0, "the number of no tokens")
	}
}

func TestAKeySetThatIsNoneIsAnError(t *testing.T) {
	table := tokenCases(t)
	v := verifierOf(t, builtModule(t, "signer-raw"))
	expect(t, len(table.BadKeySets) > 3, "there are %d bad key sets", len(table.BadKeySets))
	for name, jwks := range table.BadKeySets {
		var text string
		if json.Unmarshal(jwks, &text) == nil { // which is no JSON
			jwks = json.RawMessage(text)
		}
		_, err := v.VerifyTokens([]string{table.Cases[0].Token}, jwks)
		expect(t, err != nil && strings.Contains(err.Error(), "a set of keys is an object in JSON"), "%s: %v", name, err)
	}
	noError(t, v.Close())
	wantCode(t, errOf(v.VerifyTokens(nil, table.KeySets["one"])), Closed)
}

func TestATokenThatIsTooLargeDoesNotConcernTheOthers(t *testing.T) {
	table := tokenCases(t)
	good := table.Cases[0]
	parts := strings.Split(good.Token, ".")
	large := parts[0] + "." + strings.Repeat("A", 16*mib) + "." + parts[2]
	deep := strings.Repeat("W1tb", 100_000) // [[[
	results := must[[]Token](t)(verifierOf(t, builtModule(t, "signer-raw")).VerifyTokens([]string{large, good.Token, deep + "." + deep + ".AA"}, table.KeySets[good.JWKS]))
	wantToken(t, results[0], tokenCase{Name: "large", Code: TokenMalformed})
	expect(t, strings.Contains(fmt.Sprint(results[0].Err), "it is longer than 16777216"), "%v", results[0].Err)
	wantToken(t, results[1], good)
	wantToken(t, results[2], tokenCase{Name: "deep", Code: TokenMalformed})
}

// Where golang-jwt does otherwise.
var (
	refusedByGolangJWT = map[string]string{
		"Ed25519, as RFC 9864 names it": "it knows EdDSA only",
		"a key for Ed25519":             "it knows EdDSA only",
	}
	acceptedByGolangJWT = map[string]string{
		"a line end after":                                    "Go's base64 ignores line ends",
		"stray bits in the signature":                         "Go's base64 ignores them, unless it is strict",
		"a header that is not UTF-8":                          "Go's json mends it",
		"claims that are not UTF-8":                           "Go's json mends it",
		"claims with half a surrogate pair in UTF-8":          "Go's json mends it",
		"claims with half a surrogate pair, escaped":          "Go's json mends it",
		"claims with the other half in a name":                "Go's json mends it",
		"claims with the halves of a pair in the wrong order": "Go's json mends it",
		"a header with half a surrogate pair, escaped":        "Go's json mends it",
		"claims that are null":                                "to Go's json that is a map without anything",
		"a kid that is a number":                              "what a kid is, it leaves to its users",
		"a kid of null":                                       "what a kid is, it leaves to its users",
		"a crit of what is not known":                         "it does not look at crit",
		"a crit of b64":                                       "it does not look at crit",
		"a crit that is empty":                                "it does not look at crit",
		"a crit of null":                                      "it does not look at crit",
		"a key for Ed25519, and EdDSA":                        "what alg a key is for, it leaves to its users",
	}
)

// byGolangJWT has the key by the kid, or the one there is, as it leaves that to its users.
func byGolangJWT(token string, keys []usableKey) map[string]any {
	claims := make(jwt.MapClaims)
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"EdDSA", "Ed25519"}), jwt.WithoutClaimsValidation())
	_, err := parser.ParseWithClaims(token, claims, func(token *jwt.Token) (any, error) {
		kid, hasKid := token.Header["kid"]
		var fitting []ed25519.PublicKey
		for _, one := range keys {
			if !hasKid || one.entry["kid"] == kid {
				fitting = append(fitting, ed25519.PublicKey(one.key))
			}
		}
		if len(fitting) != 1 {
			return nil, fmt.Errorf("%d keys fit", len(fitting))
		}
		return fitting[0], nil
	})
	if err != nil {
		return nil
	}
	return claims
}

func TestGolangJWTAcceptsTheSame(t *testing.T) {
	table := tokenCases(t)
	for _, one := range table.Cases {
		claims := byGolangJWT(one.Token, must[[]usableKey](t)(usableKeys(table.KeySets[one.JWKS])))
		switch {
		case refusedByGolangJWT[one.Name] != "":
			expect(t, one.Code == "" && claims == nil, "%s: %v", one.Name, claims)
		case acceptedByGolangJWT[one.Name] != "":
			expect(t, one.Code != "" && claims != nil, "%s: %v", one.Name, claims)
		default:
			expect(t, reflect.DeepEqual(claims, one.Claims), "%s: %v", one.Name, claims)
		}
	}
}

func TestATokenIsVerifiedHereAndByGolangJWT(t *testing.T) {
	s := testSigner(t)
	v := verifierOf(t, builtModule(t, "signer-raw"))
	claims := map[string]any{"sub": "<é>", "n": []any{1.5, nil, true}, "nested": map[string]any{"": "x"}}
	for header, options := range map[string][]TokenOption{
		`{"alg":"EdDSA","typ":"JWT"}`:              nil,
		`{"alg":"EdDSA","typ":"JWT","kid":""}`:     {WithKid("")},
		`{"alg":"Ed25519","typ":"JWT","kid":"é1"}`: {WithKid("é1"), WithAlg("Ed25519")},
	} {
		token := must[string](t)(s.SignToken(claims, options...))
		part, _, _ := strings.Cut(token, ".")
		want(t, string(must[[]byte](t)(fromBase64URL(part))), header, "the header")
		var kid struct{ Kid *string }
		noError(t, json.Unmarshal([]byte(header), &kid))
		key := map[string]any{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(publicKey)}
		if kid.Kid != nil {
			key["kid"] = *kid.Kid
		}
		jwks := must[[]byte](t)(json.Marshal(map[string]any{"keys": []any{key}}))
		wantToken(t, must[[]Token](t)(v.VerifyTokens([]string{token}, jwks))[0], tokenCase{Name: header, Claims: claims})
		// golang-jwt knows EdDSA only.
		if read := byGolangJWT(token, must[[]usableKey](t)(usableKeys(jwks))); strings.Contains(header, "EdDSA") {
			expect(t, reflect.DeepEqual(read, claims), "golang-jwt reads %v", read)
		} else {
			expect(t, read == nil, "golang-jwt reads %v: it knows Ed25519 now", read)
		}
		theirs := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims(claims))
		if kid.Kid != nil {
			theirs.Header["kid"] = *kid.Kid
		}
		made := must[string](t)(theirs.SignedString(oracle(seed)))
		wantToken(t, must[[]Token](t)(v.VerifyTokens([]string{made}, jwks))[0], tokenCase{Name: "golang-jwt's", Claims: claims})
		want(t, must[string](t)(theirs.SignedString(s.CryptoSigner())), made, "golang-jwt's, by this signer")
	}
	var registered struct {
		jwt.RegisteredClaims
		Admin bool `json:"admin"`
	}
	registered.Subject = "me"
	token := must[string](t)(s.SignToken(registered))
	want(t, string(must[[]byte](t)(fromBase64URL(strings.Split(token, ".")[1]))), `{"sub":"me","admin":false}`, "claims that are a struct")
}

func TestWhatIsNoTokenIsNotSigned(t *testing.T) {
	s := testSigner(t)
	for _, claims := range []any{nil, map[string]any(nil), "{}", 1, []any{}, json.RawMessage("[]"), json.RawMessage("{\"a\":\"\xff\"}")} {
		err := errOf(s.SignToken(claims))
		expect(t, errors.Is(err, TokenMalformed) && strings.Contains(err.Error(), "a JSON object"), "%v: %v", claims, err)
	}
	for _, claims := range []any{make(chan int), json.RawMessage("{"), map[string]any{"n": math.NaN()}} {
		err := errOf(s.SignToken(claims))
		expect(t, err != nil && strings.Contains(err.Error(), "cannot be written as JSON"), "%v: %v", claims, err)
	}
	for _, alg := range []string{"", "none", "HS256", "eddsa"} {
		expect(t, errors.Is(errOf(s.SignToken(map[string]any{}, WithAlg(alg))), TokenAlgorithm), "alg %q is taken", alg)
	}
	expect(t, errors.Is(errOf(s.SignToken(map[string]any{}, WithKid("\xff"))), TokenMalformed), "a kid that is not UTF-8 is taken")
	for _, claims := range []map[string]any{{"sub": "a\xff"}, {"a\xff": 1}, {"list": []string{"\xed\xa0\x80"}}} {
		expect(t, errors.Is(errOf(s.SignToken(claims)), TokenMalformed), "claims that are not UTF-8 are taken: %q", claims)
	}
	for _, claims := range []map[string]any{{"sub": "\ufffd"}, {"sub": `\ufffd`}, {"sub": `\\ufffd`}} {
		noError(t, errOf(s.SignToken(claims)))
	}
	wantCode(t, errOf(s.SignToken(map[string]any{"": strings.Repeat("a", 13*mib)})), MessageTooLarge)
	noError(t, s.Wipe())
	wantCode(t, errOf(s.SignToken(map[string]any{})), NoKey)
}
