// Command pack writes the module in a folder as a proxy of Go modules serves it: GOPROXY=file://OUT gets it from there.
//
//	pack FOLDER VERSION DATE OUT
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: pack FOLDER VERSION DATE OUT, such as: pack folder v1.2.3 2026-11-29 proxy")
		os.Exit(2)
	}
	if err := pack(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(folder, version, date, out string) error {
	goMod, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil {
		return err
	}
	packed := module.Version{Path: modfile.ModulePath(goMod), Version: version}
	var content bytes.Buffer
	if err := zip.CreateFromDir(&content, packed, folder); err != nil { // with times of zero, and in order
		return err
	}
	info, err := json.Marshal(map[string]string{"Version": version, "Time": date + "T00:00:00Z"})
	if err != nil {
		return err
	}
	path, err := module.EscapePath(packed.Path)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	versions := filepath.Join(path, "@v")
	if err := os.MkdirAll(filepath.Join(out, versions), 0o755); err != nil {
		return err
	}
	for _, file := range []struct {
		name string
		data []byte
	}{
		{"list", []byte(version + "\n")},
		{version + ".info", info},
		{version + ".mod", goMod},
		{version + ".zip", content.Bytes()},
	} {
		name := filepath.Join(versions, file.name)
		if err := os.WriteFile(filepath.Join(out, name), file.data, 0o644); err != nil {
			return err
		}
		fmt.Printf("%s  %d bytes\n", name, len(file.data))
	}
	return nil
}
