package everyhost

import "fmt"

// A Code is the stable name of what went wrong, the same in every language. It is an error itself, so that
// errors.Is(err, everyhost.NoKey) asks for it.
type Code string

// Error makes a Code an error.
func (c Code) Error() string { return string(c) + ": " + c.Meaning() }

// An Error says that a call was refused, or that the module trapped. Act on the Code; the rest is for people.
type Error struct {
	Code Code
	// Err tells more where there is more: what the runtime said of a trap, or the length that was given.
	Err error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Code.Error()
	}
	return fmt.Sprintf("%v (%v)", e.Code, e.Err)
}

// Is says whether target is this error's Code.
func (e *Error) Is(target error) bool { return target == e.Code }

// Unwrap is what more there is to tell.
func (e *Error) Unwrap() error { return e.Err }

func refuse(code Code) error { return &Error{Code: code} }

func wrongLength(code Code, length int) error {
	return &Error{Code: code, Err: fmt.Errorf("%d bytes were given", length)}
}

// checkStatus turns a status of the module into an error; 0 is success.
func checkStatus(export string, status uint32) error {
	if status == 0 {
		return nil
	}
	code, ok := codeOfStatus[status]
	if !ok {
		return fmt.Errorf("the module breaks its contract: %s returned the unknown status %d", export, status)
	}
	return refuse(code)
}
