import { nanoid } from "nanoid";

console.log("hello", nanoid());
