#!/usr/bin/env python3
"""Runs the scripts in a real BusyBox (in a chroot, as root) and records what they print and leave.

    sudo python3 record.py BUSYBOX [--shell dash] > busybox.json
"""
import json, os, shutil, stat, subprocess, sys, tempfile

def build(busybox):
    root = tempfile.mkdtemp()
    for d in ("bin", "dev", "etc", "home", "proc", "root", "sbin", "sys", "tmp", "usr/bin", "usr/sbin", "usr/local/bin", "var"):
        os.makedirs(f"{root}/{d}")
    for d, mode in (("", 0o755), ("root", 0o700), ("tmp", 0o1777)):
        os.chmod(f"{root}/{d}", mode)
    shutil.copy(busybox, f"{root}/bin/busybox")
    for name in subprocess.run([busybox, "--list"], capture_output=True, text=True).stdout.split():
        if name != "busybox":
            os.symlink("busybox", f"{root}/bin/{name}")
    def put(path, text):
        with open(f"{root}/{path}", "w") as f: f.write(text)
    put("etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n")
    put("etc/group", "root:x:0:\napp:x:1000:\n")
    put("etc/hostname", "localhost\n")
    put("etc/hosts", "127.0.0.1\tlocalhost\n")
    os.mknod(f"{root}/dev/null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    os.chmod(f"{root}/dev/null", 0o666)
    if "--shell" in sys.argv:
        shell = shutil.which(sys.argv[sys.argv.index("--shell") + 1])
        name = os.path.basename(shell)
        shutil.copy(shell, f"{root}/bin/{name}")
        libs = subprocess.run(["ldd", shell], capture_output=True, text=True).stdout.split()
        for lib in (l for l in libs if l.startswith("/")):
            os.makedirs(root + os.path.dirname(lib), exist_ok=True)
            shutil.copy(lib, root + lib)
        os.unlink(f"{root}/bin/sh")
        os.symlink(name, f"{root}/bin/sh")
    return root

def scan(root):
    found = {}
    for base, dirs, files in os.walk(root):
        for name in dirs + files:
            full = os.path.join(base, name)
            path = full[len(root):]
            if path.startswith(("/dev/", "/lib", "/usr/lib")): continue
            s = os.lstat(full)
            entry = {"mode": oct(stat.S_IMODE(s.st_mode))[2:], "uid": s.st_uid, "gid": s.st_gid}
            if stat.S_ISLNK(s.st_mode): entry["target"] = os.readlink(full)
            elif stat.S_ISREG(s.st_mode) and name.endswith((".tar", ".tgz", ".gz")): entry["archive"] = True  # holds times
            elif stat.S_ISREG(s.st_mode) and s.st_size < 100000: entry["content"] = open(full, "rb").read().decode("latin-1")
            elif stat.S_ISDIR(s.st_mode): entry["dir"] = True
            else: entry["size"] = s.st_size
            found[path] = entry
    return found

def main():
    os.umask(0o022)
    here = os.path.dirname(os.path.abspath(__file__))
    out = []
    for script in open(f"{here}/scripts.txt").read().split("\n---\n"):
        script = script.rstrip("\n")
        root = build(sys.argv[1])
        before = scan(root)
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
        p = subprocess.run(["/usr/sbin/chroot", root, "/bin/sh", "-c", script], env=env, extra_groups=[0], capture_output=True, stdin=subprocess.DEVNULL, timeout=20)
        after = scan(root)
        changed = {k: v for k, v in after.items() if before.get(k) != v}
        out.append({"script": script, "code": p.returncode, "stdout": p.stdout.decode("utf-8", "replace"),
            "stderr": p.stderr.decode("utf-8", "replace"), "changed": changed, "gone": sorted(k for k in before if k not in after)})
        shutil.rmtree(root)
    print("[\n" + ",\n".join(json.dumps(o, ensure_ascii=False) for o in out) + "\n]")

main()
