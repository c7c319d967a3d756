package protocol

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

const maxRepeatedLen = 64 * 1024 * 1024

// Bytes are written as lower-case hex, or as {"repeat": hex, "times": n}.
type Bytes []byte

// UnmarshalJSON reads either form.
func (b *Bytes) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte("{")) {
		var repeated struct {
			Repeat *string
			Times  *uint32
		}
		if err := json.Unmarshal(text, &repeated); err != nil {
			return err
		}
		if repeated.Repeat == nil || repeated.Times == nil {
			return fmt.Errorf("repeated bytes have \"repeat\" and \"times\": %.100s", text)
		}
		unit, err := fromHex(*repeated.Repeat)
		if err != nil {
			return err
		}
		if uint64(len(unit))*uint64(*repeated.Times) > maxRepeatedLen {
			return fmt.Errorf("a repeat of over %d bytes", maxRepeatedLen)
		}
		*b = bytes.Repeat(unit, int(*repeated.Times))
		return nil
	}
	var digits *string
	if err := json.Unmarshal(text, &digits); err != nil || digits == nil {
		return fmt.Errorf("bytes are hex or a repeat: %.100s", text)
	}
	unit, err := fromHex(*digits)
	*b = unit
	return err
}

// Hex is how bytes are answered.
func Hex(data []byte) string { return hex.EncodeToString(data) }

func fromHex(digits string) ([]byte, error) {
	for n := range len(digits) {
		if digits[n] >= 'A' && digits[n] <= 'F' {
			return nil, fmt.Errorf("hex is lower-case: %.100s", digits)
		}
	}
	return hex.DecodeString(digits)
}
