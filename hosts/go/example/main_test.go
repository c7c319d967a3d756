package main

import (
	"crypto/ed25519"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// What verifies everything shows nothing. hosts/examples.json has what the example prints.
func TestATokenHasItsKeyAndItsClaims(t *testing.T) {
	key, otherKey := ed25519.NewKeyFromSeed(make([]byte, 32)), ed25519.NewKeyFromSeed([]byte("a seed that is nobody's, I think"))
	claims := jwt.MapClaims{"message": "hello"}
	token, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifyToken(token, key.Public().(ed25519.PublicKey), "hello"); err != nil {
		t.Error(err)
	}
	if err := verifyToken(token, key.Public().(ed25519.PublicKey), "another"); err == nil {
		t.Error("other claims are taken")
	}
	if err := verifyToken(token, otherKey.Public().(ed25519.PublicKey), "hello"); err == nil {
		t.Error("another key is taken")
	}
}
