// Oracle says what a program's symbols and debug information tell of it, by Go's own readers.
package main

import (
	"debug/buildinfo"
	"debug/dwarf"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
)

type layout struct {
	Size   int64            `json:"size"`
	Fields map[string]int64 `json:"fields"`
}

type answer struct {
	Version   string               `json:"version"`
	Modules   map[string]string    `json:"modules"`
	Structs   map[string]layout    `json:"structs"`
	Functions map[string][2]uint64 `json:"functions"`
}

func main() {
	told, err := ask(os.Args[1])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(told)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func ask(path string) (*answer, error) {
	told := &answer{Modules: map[string]string{}, Structs: map[string]layout{}, Functions: map[string][2]uint64{}}
	build, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, err
	}
	told.Version = build.GoVersion
	for _, module := range build.Deps {
		version := module.Version
		if module.Replace != nil {
			version = module.Replace.Version
		}
		told.Modules[module.Path] = version
	}
	file, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := file.DWARF()
	if err != nil {
		return nil, err
	}
	return told, read(data, told)
}

func read(data *dwarf.Data, told *answer) error {
	reader := data.Reader()
	golang := false
	for {
		entry, err := reader.Next()
		if err != nil || entry == nil {
			return err
		}
		name, _ := entry.Val(dwarf.AttrName).(string)
		switch entry.Tag {
		case dwarf.TagCompileUnit:
			language, _ := entry.Val(dwarf.AttrLanguage).(int64)
			golang = language == 0x16
		case dwarf.TagSubprogram:
			low, ok := entry.Val(dwarf.AttrLowpc).(uint64)
			if golang && ok && name != "" {
				high, relative := entry.Val(dwarf.AttrHighpc).(int64)
				end := low + uint64(high)
				if !relative {
					end, _ = entry.Val(dwarf.AttrHighpc).(uint64)
				}
				// the second of one name is a wrapper for another calling convention
				if before, ok := told.Functions[name]; !ok || low < before[0] {
					told.Functions[name] = [2]uint64{low, end}
				}
			}
			reader.SkipChildren()
		case dwarf.TagStructType:
			found, err := data.Type(entry.Offset)
			if shape, ok := found.(*dwarf.StructType); golang && err == nil && ok {
				fields := map[string]int64{}
				for _, field := range shape.Field {
					if field.Name != "_" { // there may be many
						fields[field.Name] = field.ByteOffset
					}
				}
				told.Structs[name] = layout{shape.ByteSize, fields}
			}
			reader.SkipChildren()
		}
	}
}
