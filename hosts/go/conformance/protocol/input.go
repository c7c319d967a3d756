package protocol

import (
	"encoding/json"
	"fmt"
)

// Input is what the in of an operation or a step may hold. What it does not hold is nil.
type Input struct {
	Seed       Bytes             `json:"seed"`
	Keypair    Bytes             `json:"keypair"`
	PublicKey  Bytes             `json:"public_key"`
	Message    Bytes             `json:"message"`
	Messages   []Bytes           `json:"messages"`
	Signature  Bytes             `json:"signature"`
	Items      []Item            `json:"items"`
	Order      []int             `json:"order"`
	Kind       *string           `json:"kind"`
	File       Bytes             `json:"file"`
	Form       *string           `json:"form"`
	A          *int32            `json:"a"`
	B          *int32            `json:"b"`
	Steps      []json.RawMessage `json:"steps"`
	MaxPages   *uint32           `json:"max_pages"`
	DeadlineMS *uint32           `json:"deadline_ms"`
	Wasm       Bytes             `json:"wasm"`
	Ptr        *uint32           `json:"ptr"`
	Value      *int32            `json:"value"`
	Imports    []json.RawMessage `json:"imports"`
	AfterTrap  bool              `json:"after_trap"`
	Args       []string          `json:"args"`
	Env        []string          `json:"env"`
	Stdin      Bytes             `json:"stdin"`
	Dirs       []Dir             `json:"dirs"`
}

// An Item is one of many signatures.
type Item struct {
	PublicKey Bytes `json:"public_key"`
	Message   Bytes `json:"message"`
	Signature Bytes `json:"signature"`
}

// A Dir is a folder of this machine, and its name for the program.
type Dir struct {
	Guest string `json:"guest"`
	Host  string `json:"host"`
}

// ReadInput reads an in that must have the needed fields.
func ReadInput(text json.RawMessage, needed ...string) (*Input, error) {
	if len(text) == 0 {
		text = json.RawMessage("{}")
	}
	in := new(Input)
	if err := json.Unmarshal(text, in); err != nil {
		return nil, fmt.Errorf("in: %w", err)
	}
	isThere := map[string]bool{
		"seed": in.Seed != nil, "keypair": in.Keypair != nil, "public_key": in.PublicKey != nil,
		"message": in.Message != nil, "messages": in.Messages != nil, "signature": in.Signature != nil, "items": in.Items != nil,
		"a": in.A != nil, "b": in.B != nil, "steps": in.Steps != nil, "wasm": in.Wasm != nil,
		"max_pages": in.MaxPages != nil, "deadline_ms": in.DeadlineMS != nil, "ptr": in.Ptr != nil, "value": in.Value != nil,
		"imports": in.Imports != nil, "kind": in.Kind != nil, "file": in.File != nil, "form": in.Form != nil,
	}
	for _, name := range needed {
		if !isThere[name] {
			return nil, fmt.Errorf("in has no %s", name)
		}
	}
	return in, nil
}

// MessageBytes are the messages as a signer takes them.
func (in *Input) MessageBytes() [][]byte {
	messages := make([][]byte, len(in.Messages))
	for n, message := range in.Messages {
		messages[n] = message
	}
	return messages
}

// Ordered are the items, each as often as Order has it, or once without an order.
func (in *Input) Ordered() ([]Item, error) {
	for n, item := range in.Items {
		if item.PublicKey == nil || item.Message == nil || item.Signature == nil {
			return nil, fmt.Errorf("item %d lacks its public_key, message or signature", n)
		}
	}
	if in.Order == nil {
		return in.Items, nil
	}
	ordered := make([]Item, len(in.Order))
	for n, at := range in.Order {
		if at < 0 || at >= len(in.Items) {
			return nil, fmt.Errorf("order has %d, and there are %d items", at, len(in.Items))
		}
		ordered[n] = in.Items[at]
	}
	return ordered, nil
}

// Hexes are signatures as they are answered.
func Hexes(all [][]byte) []string {
	hexes := make([]string, len(all))
	for n, data := range all {
		hexes[n] = Hex(data)
	}
	return hexes
}
