#!/usr/bin/env python3
"""Runs scripts in a real BusyBox (in a chroot over an overlay, as root) and records what they print and leave.

    sudo python3 record.py [--shell dash] scripts/*.txt > busybox.json
    sudo python3 record.py --debian [--shell bash] scripts/*.txt scripts/debian/*.txt > debian.json

Needs the package busybox-static. What an applet prints of its usage is cut down to its first line and a line that says so.
With --debian the programs are those of a Debian image, taken from the machine itself, which has to be a Debian.
"""
import json, os, re, shutil, stat, subprocess, sys, tempfile, time

BUSYBOX = shutil.which("busybox")
ADDUSER = re.compile(r"adduser \[--uid.*?Add an existing user to an existing group\n|deluser USER\n.*?--debug\]\n", re.S)
DAY = int(time.time() // 86400)  # the sandbox has 2026-01-01 every day
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
    devices(root)
    if shell:
        path = shutil.which(shell)
        shutil.copy(path, f"{root}/bin/{shell}")
        libs = subprocess.run(["ldd", path], capture_output=True, text=True).stdout.split()
        for lib in (l for l in libs if l.startswith("/")):
            os.makedirs(root + os.path.dirname(lib), exist_ok=True)
            shutil.copy(lib, root + lib)
        os.unlink(f"{root}/bin/sh")
        os.symlink(shell, f"{root}/bin/sh")

PACKAGES = "bash dash coreutils findutils grep sed mawk diffutils tar gzip passwd login debianutils hostname adduser perl-base util-linux util-linux-extra bsdutils libc-bin".split()

def programs():
    """The programs of a Debian image, and those that Dockerfiles often add, with the links among them."""
    listed = subprocess.run(["dpkg", "-L", *PACKAGES, "xxd", "bsdextrautils"], capture_output=True, text=True).stdout.split("\n")
    for path in sorted({"/usr" + p if p.startswith(("/bin/", "/sbin/")) else p for p in listed} | {"/usr/bin/awk", "/usr/bin/which"}):
        if path.startswith(("/usr/bin/", "/usr/sbin/")) and os.path.isfile(path):
            yield path, os.readlink(path) if os.path.islink(path) else None

def build_debian(root):
    for d in ("dev", "etc/alternatives", "etc/skel", "etc/default", "home", "proc", "root", "sys", "tmp", "run", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "usr/local/bin", "var/lib"):
        os.makedirs(f"{root}/{d}")
    for d in ("bin", "sbin", "lib", "lib64"): os.symlink(f"usr/{d}", f"{root}/{d}")
    for d, mode in (("", 0o755), ("root", 0o700), ("tmp", 0o1777)):
        os.chmod(f"{root}/{d}", mode)
    libs = set()
    for path, target in programs():
        if target: os.symlink(target, root + path)
        else:
            shutil.copy(path, root + path)
            libs |= {l for l in subprocess.run(["ldd", path], capture_output=True, text=True).stdout.split() if l.startswith("/")}
    for lib in libs:
        lib = lib if lib.startswith("/usr") else "/usr" + lib
        os.makedirs(root + os.path.dirname(lib), exist_ok=True)
        shutil.copy(lib, root + lib)
    for path in subprocess.run(["dpkg", "-L", "perl-base", "adduser"], capture_output=True, text=True).stdout.split("\n"):
        if path.startswith(("/usr/lib/", "/usr/share/perl")) and os.path.isfile(path):
            os.makedirs(root + os.path.dirname(path), exist_ok=True)
            shutil.copy(path, root + path)
    for path in ("/etc/pam.d", "/usr/lib/x86_64-linux-gnu/security", "/etc/security"):
        real = path if os.path.isdir(path) else path.replace("/usr", "", 1)
        shutil.copytree(real, root + path)
        for module in (f"{real}/{name}" for name in os.listdir(real) if name.endswith(".so")):
            for lib in subprocess.run(["ldd", module], capture_output=True, text=True).stdout.split():
                if lib.startswith("/lib"): shutil.copy(lib, f"{root}/usr{lib}")
    for link in ("awk", "which"):
        target = os.readlink(f"/etc/alternatives/{link}") if os.path.islink(f"/etc/alternatives/{link}") else None
        if target: os.symlink(target, f"{root}/etc/alternatives/{link}")
    def put(path, text):
        with open(f"{root}/{path}", "w") as f: f.write(text)
    put("etc/passwd", "root:x:0:0:root:/root:/bin/bash\napp:x:1000:1000:app:/home/app:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n")
    put("etc/group", "root:x:0:\ntty:x:5:\nshadow:x:42:\nusers:x:100:\napp:x:1000:\nnogroup:x:65534:\n")
    put("etc/shadow", "root:*:20454:0:99999:7:::\napp:!:20454:0:99999:7:::\nnobody:*:20454:0:99999:7:::\n")
    put("etc/gshadow", "root:*::\ntty:*::\nshadow:*::\nusers:*::\napp:!::\nnogroup:*::\n")
    for name in ("shadow", "gshadow"):
        os.chown(f"{root}/etc/{name}", 0, 42)
        os.chmod(f"{root}/etc/{name}", 0o640)
    for name, mode in ((".pwd.lock", 0o600), ("subuid", 0o644), ("subgid", 0o644)):
        put(f"etc/{name}", "")
        os.chmod(f"{root}/etc/{name}", mode)
    put("etc/shells", "/bin/sh\n/bin/bash\n")
    put("etc/hostname", "localhost\n")
    put("etc/hosts", "127.0.0.1\tlocalhost\n")
    put("etc/os-release", "ID=debian\n")
    for name in ("login.defs", "adduser.conf", "deluser.conf", "default/useradd"):
        if os.path.exists(f"/etc/{name}"): shutil.copy(f"/etc/{name}", f"{root}/etc/{name}")
    devices(root)

def devices(root):
    for name, (major, minor) in DEVICES.items():
        os.mknod(f"{root}/dev/{name}", 0o666 | stat.S_IFCHR, os.makedev(major, minor))
        os.chmod(f"{root}/dev/{name}", 0o666)
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"{root}/dev/{name}")

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

def shadow_usages():
    texts = set()
    for name in "useradd usermod userdel groupadd groupmod groupdel".split():
        p = subprocess.run([name, "--help"], capture_output=True, text=True)
        texts.add(p.stdout.partition("\n")[2])
    return sorted(texts, key=len, reverse=True)

def scan(root):
    found = {}
    for base, dirs, files in os.walk(root):
        if base == root: dirs[:] = [d for d in dirs if d not in ("proc", "dev", "lib", "lib64", "run")]
        if base == f"{root}/etc": dirs[:] = [d for d in dirs if d not in ("pam.d", "security")]
        for name in dirs + files:
            full = os.path.join(base, name)
            path = full[len(root):]
            if path.startswith(("/usr/lib", "/usr/share")): continue
            s = os.lstat(full)
            entry = {"mode": oct(stat.S_IMODE(s.st_mode))[2:], "uid": s.st_uid, "gid": s.st_gid}
            if stat.S_ISLNK(s.st_mode): entry["target"] = os.readlink(full)
            elif stat.S_ISREG(s.st_mode) and name.endswith((".tar", ".tgz", ".gz")): entry["archive"] = True  # holds times
            elif stat.S_ISREG(s.st_mode) and s.st_size < 1000: entry["content"] = open(full, "rb").read().decode("latin-1").replace(f":{DAY}:", ":20454:")
            elif stat.S_ISDIR(s.st_mode): entry["dir"] = True
            else: entry["size"] = s.st_size
            found[path] = entry
    return found

def main():
    os.umask(0o022)
    args = sys.argv[1:]
    shell = args.pop(args.index("--shell") + 1) if "--shell" in args else None
    debian = "--debian" in args
    if "--programs" in args:
        for path, target in programs(): print(path, target or "", sep=" -> " if target else "")
        return
    scripts = []
    for file in (a for a in args if not a.startswith("--")):
        scripts += [s.rstrip("\n") for s in open(file).read().split("\n---\n") if s.strip()]
    usage = shadow_usages() if debian else usages()
    top = tempfile.mkdtemp()
    os.makedirs(f"{top}/lower")
    if debian: build_debian(f"{top}/lower")
    else: build(f"{top}/lower", shell)
    argv0 = f"/bin/{shell}" if debian and shell else "/bin/sh"
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
            p = subprocess.run(["chroot", root, argv0, "-c", script], env={**env, "PATH": env["PATH"]}, extra_groups=[0], capture_output=True, stdin=subprocess.DEVNULL, timeout=10)
            after = scan(root)
            stdout, stderr = p.stdout.decode("utf-8", "replace"), p.stderr.decode("utf-8", "replace")
            stdout = stdout.replace(f":{DAY}:", ":20454:")
            stdout = ADDUSER.sub("…\n", stdout)
            stderr = re.sub(r"(Use of uninitialized value .answer .*\n){3}", "…\n", stderr)
            for text in usage: stderr, stdout = stderr.replace(text, "…\n"), stdout.replace(text, "…\n")
            for name, end in (("sed", "General help using GNU software"), ("mawk", "-W usage +show this message")):
                cut = re.compile(f"(Usage: {name} .*\n)[\\s\\S]*?{end}.*\n")
                stderr, stdout = cut.sub("\\1…\n", stderr), cut.sub("\\1…\n", stdout)
            if debian and "2**3" in script: continue  # the versions of mawk differ
            if debian and "pam.d" in stdout + str(after.keys() - before.keys()): continue  # what only logging in needs
            code = p.returncode if p.returncode >= 0 else 128 - p.returncode
            out.append({"script": script, "code": code, "stdout": stdout, "stderr": stderr,
                "changed": {k: v for k, v in after.items() if before.get(k) != v}, "gone": sorted(k for k in before if k not in after)})
        except subprocess.TimeoutExpired:
            print("does not end:", script, file=sys.stderr)
        subprocess.run(["umount", "-l", f"{root}/proc"], check=True)
        subprocess.run(["umount", "-l", root], check=True)
        shutil.rmtree(d, ignore_errors=True)
    shutil.rmtree(top, ignore_errors=True)
    print("[\n" + ",\n".join(json.dumps(o, ensure_ascii=False) for o in out) + "\n]")

main()
