//! A small program taken apart: what comes out must be what goes in, in two halves that Node can run.

use super::data::Symbols;
use super::{Malformed, counting, shorten, split};
use std::path::Path;
use std::process::Command;

/// `ensureRest` and `answer(x)`, as a compiler would write them:
///
/// ```wat
/// (import "env" "rest" (func $rest))
/// (func $ensureRest (call $rest))
/// (func $answer (param i32) (result i32)
///   (if (local.get 0) (then …forty times (local.set 0 (i32.add (local.get 0) (i32.const 1)))…))
///   (local.get 0))
/// ```
fn program() -> Vec<u8> {
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    let mut section = |id: u8, content: &[u8]| {
        wasm.push(id);
        super::bytes::put_sized(&mut wasm, content);
    };
    // Types: () -> (), (i32) -> i32.
    section(1, &[2, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f]);
    section(2, b"\x01\x03env\x04rest\x00\x00");
    section(3, &[2, 0, 1]);
    section(4, &[1, 0x70, 1, 1, 1]);
    section(5, &[1, 0, 1]);
    section(7, b"\x02\x0aensureRest\x00\x01\x06answer\x00\x02");
    let mut answer = vec![0, 0x20, 0, 0x04, 0x40];
    for _ in 0..40 {
        answer.extend_from_slice(&[0x20, 0, 0x41, 1, 0x6a, 0x21, 0]);
    }
    answer.extend_from_slice(&[0x0b, 0x20, 0, 0x0b]);
    let mut code = vec![2];
    super::bytes::put_sized(&mut code, &[0, 0x10, 0, 0x0b]);
    super::bytes::put_sized(&mut code, &answer);
    section(10, &code);
    wasm
}

/// Runs a script with the files `whole.wasm`, `first.wasm`, `rest.wasm` and `counting.wasm` in its folder.
fn node(name: &str, files: &[(&str, &[u8])], script: &str) -> String {
    let folder = std::env::temp_dir().join(format!("stagecraft-split-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).expect("a file");
    }
    let read = "const fs = require('fs'); const load = (name, imports) => new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(name)), imports).exports;\n";
    let output = Command::new("node").arg("-e").arg(format!("{read}{script}")).current_dir(&folder).output();
    let output = output.expect("Node, which the project needs anyway");
    clean(&folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn clean(folder: &Path) {
    // What is left in a folder for temporary files is nobody's loss.
    let _ = std::fs::remove_dir_all(folder);
}

#[test]
fn parts_that_may_run_less_often_are_marked() {
    let whole = program();
    let counting = counting(&whole).expect("a program");
    // ensureRest; answer, what `if` leads to, and what follows it.
    assert_eq!(counting.count, 4);
    // i32.const part, i32.const 1, i32.store8 in the second memory.
    let marks = (0..4).filter(|part| {
        let mark = [0x41, *part, 0x41, 1, 0x3a, 0x40, 1, 0];
        counting.wasm.windows(mark.len()).filter(|window| *window == mark).count() == 1
    });
    assert_eq!(marks.count(), 4);
}

#[test]
fn halves_answer_as_the_whole_does_and_fetch_the_rest_once_it_is_needed() {
    let whole = program();
    let halves = split(&whole, &[false, true, false, true], &Symbols::default()).expect("two halves");
    let said = node(
        "halves",
        &[("whole.wasm", &whole), ("first.wasm", &halves.first), ("rest.wasm", &halves.rest)],
        "let fetched = 0;
         const whole = load('whole.wasm', { env: { rest() {} } });
         const first = load('first.wasm', { env: { rest() { fetched += 1; load('rest.wasm', { f: first }); } } });
         console.log(first.answer(0), fetched, first.answer(7), fetched, whole.answer(7));",
    );
    assert_eq!(said, "0 0 47 1 47");
}

#[test]
fn imports_get_short_names() {
    let shortened = shorten(&program()).expect("a program");
    assert_eq!(shortened.names, [("rest".to_owned(), "$i0".to_owned())]);
    let said = node(
        "imports",
        &[("short.wasm", &shortened.wasm)],
        "console.log(load('short.wasm', { env: { $i0() {} } }).answer(2));",
    );
    assert_eq!(said, "42");
}

#[test]
fn what_is_not_a_program_of_ours_is_refused() {
    assert_eq!(split(b"\0asm\x01\0\0\0", &[], &Symbols::default()).err(), Some(Malformed::Whole));
    assert!(split(b"<html>", &[], &Symbols::default()).is_err());
    let whole = program();
    for end in 0..whole.len() {
        let cut = whole.get(..end).expect("a part");
        // Any answer but a panic.
        let _ = split(cut, &[true; 4], &Symbols::default());
        let _ = counting(cut);
    }
}
