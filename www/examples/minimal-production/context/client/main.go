package main

func main() { println("client") }
