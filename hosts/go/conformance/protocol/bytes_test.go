package protocol

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestBytes(t *testing.T) {
	for text, want := range map[string][]byte{
		`""`:                            {},
		`"00ff"`:                        {0, 255},
		`{"repeat":"61","times":3}`:     []byte("aaa"),
		`{"repeat":"6162","times":2}`:   []byte("abab"),
		`{"repeat":"61","times":0}`:     {},
		`{"repeat":"","times":9999999}`: {},
		` { "times" : 1, "repeat" : "00" , "more" : 1 }`: {0},
	} {
		var got Bytes
		if err := json.Unmarshal([]byte(text), &got); err != nil || !bytes.Equal(got, want) || got == nil {
			t.Errorf("%s is %x, %v", text, got, err)
		}
	}
	for _, text := range []string{
		`"0"`, `"0g"`, `"AB"`, `" 00"`, `5`, `[]`, `true`, `null`, `{}`, `{"repeat":"61"}`, `{"times":1}`,
		`{"repeat":"6","times":1}`, `{"repeat":"61","times":-1}`, `{"repeat":"61","times":1.5}`,
		`{"repeat":"61","times":67108865}`, `{"repeat":"6162","times":4294967295}`, `{"repeat":61,"times":1}`,
	} {
		var got Bytes
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s is %x", text, got)
		}
	}
}

func TestInputsHaveWhatIsNeeded(t *testing.T) {
	in, err := ReadInput([]byte(`{"message":"","a":0,"messages":[],"more":{}}`), "message", "a", "messages")
	if err != nil || in.Message == nil || in.Messages == nil || *in.A != 0 || len(in.MessageBytes()) != 0 {
		t.Errorf("%+v, %v", in, err)
	}
	for _, text := range []string{``, `{}`, `null`, `{"message":null}`, `{"messages":[]}`, `5`, `[]`} {
		if in, err := ReadInput([]byte(text), "message"); err == nil {
			t.Errorf("%s is %+v", text, in)
		}
	}
	if _, err := ReadInput(nil); err != nil {
		t.Errorf("nothing is needed, but %v", err)
	}
}
