package main

import (
	"fmt"

	"github.com/google/uuid"
)

func main() {
	fmt.Println("hello, I am", uuid.NewString())
}
