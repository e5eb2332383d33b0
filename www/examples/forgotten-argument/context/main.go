package main

import (
	"fmt"

	"github.com/google/uuid"
)

var version = "unknown"

func main() {
	fmt.Println("hello, version", version, "as", uuid.NewString())
}
