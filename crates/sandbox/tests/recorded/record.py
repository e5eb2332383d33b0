#!/usr/bin/env python3
"""Runs scripts in a real BusyBox (in a chroot over an overlay, as root) and records what they print and leave.

    sudo python3 record.py [--shell dash] scripts/*.txt > busybox.json

Needs the package busybox-static. What BusyBox prints of an applet's usage is cut down to its first line.
"""
import json, os, shutil, stat, subprocess, sys, tempfile

BUSYBOX = shutil.which("busybox")
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}

def build(root, shell):
    for d in ("bin", "dev", "etc", "home", "proc", "root", "sbin", "sys", "tmp", "usr/bin", "usr/sbin", "usr/local/bin", "var"):
        os.makedirs(f"{root}/{d}")
    for d, mode in (("", 0o755), ("root", 0o700), ("tmp", 0o1777)):
        os.chmod(f"{root}/{d}", mode)
    shutil.copy(BUSYBOX, f"{root}/bin/busybox")
    for name in applets():
        os.symlink("busybox", f"{root}/bin/{name}")
    def put(path, text):
        with open(f"{root}/{path}", "w") as f: f.write(text)
    put("etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n")
    put("etc/group", "root:x:0:\napp:x:1000:\n")
    put("etc/hostname", "localhost\n")
    put("etc/hosts", "127.0.0.1\tlocalhost\n")
    for name, (major, minor) in DEVICES.items():
        os.mknod(f"{root}/dev/{name}", 0o666 | stat.S_IFCHR, os.makedev(major, minor))
        os.chmod(f"{root}/dev/{name}", 0o666)
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"{root}/dev/{name}")
    if shell:
        path = shutil.which(shell)
        shutil.copy(path, f"{root}/bin/{shell}")
        libs = subprocess.run(["ldd", path], capture_output=True, text=True).stdout.split()
        for lib in (l for l in libs if l.startswith("/")):
            os.makedirs(root + os.path.dirname(lib), exist_ok=True)
            shutil.copy(lib, root + lib)
        os.unlink(f"{root}/bin/sh")
        os.symlink(shell, f"{root}/bin/sh")

def applets():
    return [n for n in subprocess.run([BUSYBOX, "--list"], capture_output=True, text=True).stdout.split() if n != "busybox"]

def usages():
    """What to leave out: all but the first line of each applet's usage."""
    texts = set()
    for name in applets():
        if name in ("init", "linuxrc", "reboot", "halt", "poweroff", "true", "false"): continue
        p = subprocess.run([BUSYBOX, name, "--help"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        first, _, rest = (p.stderr or p.stdout).partition("\n")
        if first.startswith("BusyBox") and rest: texts.add(rest)
    return sorted(texts, key=len, reverse=True)

def scan(root):
    found = {}
    for base, dirs, files in os.walk(root):
        if base == root: dirs[:] = [d for d in dirs if d not in ("proc", "dev", "lib", "lib64")]
        for name in dirs + files:
            full = os.path.join(base, name)
            path = full[len(root):]
            if path.startswith("/usr/lib"): continue
            s = os.lstat(full)
            entry = {"mode": oct(stat.S_IMODE(s.st_mode))[2:], "uid": s.st_uid, "gid": s.st_gid}
            if stat.S_ISLNK(s.st_mode): entry["target"] = os.readlink(full)
            elif stat.S_ISREG(s.st_mode) and name.endswith((".tar", ".tgz", ".gz")): entry["archive"] = True  # holds times
            elif stat.S_ISREG(s.st_mode) and s.st_size < 1000: entry["content"] = open(full, "rb").read().decode("latin-1")
            elif stat.S_ISDIR(s.st_mode): entry["dir"] = True
            else: entry["size"] = s.st_size
            found[path] = entry
    return found

def main():
    os.umask(0o022)
    args = sys.argv[1:]
    shell = args.pop(args.index("--shell") + 1) if "--shell" in args else None
    scripts = []
    for file in (a for a in args if not a.startswith("--")):
        scripts += [s.rstrip("\n") for s in open(file).read().split("\n---\n") if s.strip()]
    usage = usages()
    top = tempfile.mkdtemp()
    os.makedirs(f"{top}/lower")
    build(f"{top}/lower", shell)
    before = scan(f"{top}/lower")
    env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
    out = []
    for n, script in enumerate(scripts):
        d = f"{top}/{n}"
        for part in ("upper", "work", "root"): os.makedirs(f"{d}/{part}")
        root = f"{d}/root"
        options = f"lowerdir={top}/lower,upperdir={d}/upper,workdir={d}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, root], check=True)
        subprocess.run(["mount", "-t", "proc", "proc", f"{root}/proc"], check=True)
        try:
            p = subprocess.run(["chroot", root, "/bin/sh", "-c", script], env={**env, "PATH": env["PATH"]}, extra_groups=[0], capture_output=True, stdin=subprocess.DEVNULL, timeout=10)
            after = scan(root)
            stderr = p.stderr.decode("utf-8", "replace")
            for text in usage: stderr = stderr.replace(text, "")
            out.append({"script": script, "code": p.returncode, "stdout": p.stdout.decode("utf-8", "replace"), "stderr": stderr,
                "changed": {k: v for k, v in after.items() if before.get(k) != v}, "gone": sorted(k for k in before if k not in after)})
        except subprocess.TimeoutExpired:
            print("does not end:", script, file=sys.stderr)
        subprocess.run(["umount", "-l", f"{root}/proc"], check=True)
        subprocess.run(["umount", "-l", root], check=True)
        shutil.rmtree(d, ignore_errors=True)
    shutil.rmtree(top, ignore_errors=True)
    print("[\n" + ",\n".join(json.dumps(o, ensure_ascii=False) for o in out) + "\n]")

main()
