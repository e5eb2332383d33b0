//! Redirections.

use super::{Shell, device_fd, short};
use crate::shell::Why;
use crate::shell::machine::{Errno, Fds, Halt, Machine, Stream, UNKNOWN};
use crate::shell::parse::Dialect;
use crate::shell::process::absolute;
use crate::shell::syntax::{Redirect, RedirectOp};
use crate::tree::{Content, Node};

impl Shell {
    /// The open files after some redirections; or the exit code after a message.
    pub(crate) fn redirected(
        &mut self,
        m: &mut Machine<'_>,
        redirects: &[Redirect],
    ) -> Result<Result<Fds, u8>, Halt> {
        let mut fds = self.fds.clone();
        for redirect in redirects {
            m.spend(2)?;
            let default = match redirect.op {
                RedirectOp::Read
                | RedirectOp::ReadWrite
                | RedirectOp::DupIn
                | RedirectOp::HereDoc
                | RedirectOp::HereString => 0,
                _ => 1,
            };
            let fd = redirect.fd.unwrap_or(default);
            let target = match redirect.op {
                RedirectOp::HereDoc => {
                    let body =
                        redirect.body.as_ref().and_then(|body| body.get()).cloned().unwrap_or_default();
                    let text = self.single(m, &body)?;
                    let stream = m.open(Stream::Data { bytes: text.into_bytes(), pos: 0 });
                    fds.insert(fd, stream);
                    continue;
                }
                RedirectOp::HereString => self.single(m, &redirect.target)?,
                _ if self.dialect == Dialect::Bash => {
                    // A name of more than one word, or of none, is no name.
                    let mut words = self.fields(m, std::slice::from_ref(&redirect.target))?;
                    match (words.pop(), words.is_empty()) {
                        (Some(word), true) => word,
                        _ => {
                            self.complain(m, &[&redirect.raw, ": ambiguous redirect"].concat())?;
                            return Ok(Err(self.redirect_code()));
                        }
                    }
                }
                _ => self.single(m, &redirect.target)?,
            };
            let opened = match redirect.op {
                RedirectOp::HereDoc => continue,
                RedirectOp::HereString => {
                    m.open(Stream::Data { bytes: format!("{target}\n").into_bytes(), pos: 0 })
                }
                RedirectOp::DupIn | RedirectOp::DupOut => {
                    if target == "-" {
                        fds.remove(&fd);
                        continue;
                    }
                    match target.parse::<u32>() {
                        Ok(from) => match fds.get(&from) {
                            Some(stream) => *stream,
                            None => {
                                let text = match self.dialect {
                                    Dialect::Ash | Dialect::Bash => format!("{from}: Bad file descriptor"),
                                    Dialect::Dash => format!("{from}: Bad file descriptor"),
                                };
                                self.complain(m, &text)?;
                                return Ok(Err(self.redirect_code()));
                            }
                        },
                        Err(_) if redirect.op == RedirectOp::DupOut && redirect.fd.is_none() => {
                            match self.open_write(m, &target, false, &fds)? {
                                Ok(stream) => {
                                    fds.insert(2, stream);
                                    stream
                                }
                                Err(code) => return Ok(Err(code)),
                            }
                        }
                        Err(_) => {
                            self.complain(m, "syntax error: bad fd number")?;
                            return Ok(Err(self.redirect_code()));
                        }
                    }
                }
                RedirectOp::ReadWrite if self.is_missing(m, &target) => {
                    match self.open_write(m, &target, true, &fds)? {
                        Ok(stream) => stream,
                        Err(code) => return Ok(Err(code)),
                    }
                }
                RedirectOp::Read | RedirectOp::ReadWrite => match self.open_read(m, &target, &fds)? {
                    Ok(stream) => stream,
                    Err(code) => return Ok(Err(code)),
                },
                RedirectOp::Write
                | RedirectOp::Clobber
                | RedirectOp::Append
                | RedirectOp::Both
                | RedirectOp::BothAppend => {
                    let append = matches!(redirect.op, RedirectOp::Append | RedirectOp::BothAppend);
                    if self.options.noclobber
                        && redirect.op == RedirectOp::Write
                        && self.is_regular(m, &target)
                    {
                        let text = match self.dialect {
                            Dialect::Ash => ["can't create ", &target, ": File exists"],
                            Dialect::Dash => ["cannot create ", &target, ": File exists"],
                            Dialect::Bash => ["", &target, ": cannot overwrite existing file"],
                        };
                        self.complain(m, &text.concat())?;
                        return Ok(Err(self.redirect_code()));
                    }
                    match self.open_write(m, &target, append, &fds)? {
                        Ok(stream) => {
                            if matches!(redirect.op, RedirectOp::Both | RedirectOp::BothAppend) {
                                fds.insert(2, stream);
                            }
                            stream
                        }
                        Err(code) => return Ok(Err(code)),
                    }
                }
            };
            fds.insert(fd, opened);
        }
        Ok(Ok(fds))
    }

    fn is_missing(&self, m: &Machine<'_>, target: &str) -> bool {
        matches!(m.stat(&absolute(&self.cwd, target), true), Ok(Err(Errno::NoEntry)))
    }

    fn is_regular(&self, m: &Machine<'_>, target: &str) -> bool {
        matches!(m.tree.stat(&absolute(&self.cwd, target)), Ok(Node::File(_)))
    }

    pub(super) fn redirect_code(&self) -> u8 {
        if self.dialect == Dialect::Dash { 2 } else { 1 }
    }

    pub(super) fn open_read(
        &mut self,
        m: &mut Machine<'_>,
        target: &str,
        fds: &Fds,
    ) -> Result<Result<usize, u8>, Halt> {
        if let Some(stream) = device_fd(target).and_then(|fd| fds.get(&fd)) {
            return Ok(Ok(*stream));
        }
        let path = absolute(&self.cwd, target);
        let cred = self.cred.clone();
        match m.read(&cred, &path) {
            Ok(Ok(bytes)) => {
                let size = bytes.len() as u64;
                let stream = m.open(Stream::Data { bytes, pos: 0 });
                m.sizes.insert(stream, size);
                Ok(Ok(stream))
            }
            Ok(Err(Errno::IsDir)) => Ok(Ok(m.pipe())),
            Ok(Err(errno)) => {
                let text = match self.dialect {
                    Dialect::Ash => format!("can't open {target}: {}", short(errno, "no such file")),
                    Dialect::Dash => format!("cannot open {target}: {}", short(errno, "No such file")),
                    Dialect::Bash => format!("{target}: {}", errno.text()),
                };
                self.complain(m, &text)?;
                Ok(Err(self.redirect_code()))
            }
            Err(Halt::Unknown(why)) => {
                let cwd = self.cwd.clone();
                m.note_unknown(format!("< {target}"), why, true, &cwd);
                let bytes = format!("{UNKNOWN}\n").into_bytes();
                Ok(Ok(m.open(Stream::Data { bytes, pos: 0 })))
            }
            Err(halt) => Err(halt),
        }
    }

    pub(super) fn open_write(
        &mut self,
        m: &mut Machine<'_>,
        target: &str,
        append: bool,
        fds: &Fds,
    ) -> Result<Result<usize, u8>, Halt> {
        if let Some(stream) = device_fd(target).and_then(|fd| fds.get(&fd)) {
            return Ok(Ok(*stream));
        }
        if target.is_empty() {
            let text = match self.dialect {
                Dialect::Ash => "can't create : nonexistent directory",
                Dialect::Dash => "cannot create : Directory nonexistent",
                Dialect::Bash => ": No such file or directory",
            };
            self.complain(m, text)?;
            return Ok(Err(self.redirect_code()));
        }
        if target == "/dev/tty" {
            return Ok(Ok(m.open(Stream::Null)));
        }
        let path = absolute(&self.cwd, target);
        if crate::shell::fs::is_device(&path) {
            return Ok(Ok(m.open(Stream::Null)));
        }
        let errno = match self.create(m, &path, append) {
            Ok(Ok(path)) => return Ok(Ok(m.open(Stream::File { path, append, pos: 0 }))),
            Ok(Err(errno)) => errno,
            Err(Halt::Unknown(why)) => {
                // The directory may have been made by a command without a model.
                let cwd = self.cwd.clone();
                m.note_unknown(format!("> {target}"), why, true, &cwd);
                return Ok(Ok(m.open(Stream::Null)));
            }
            Err(halt) => return Err(halt),
        };
        let text = match self.dialect {
            Dialect::Ash => format!("can't create {target}: {}", short(errno, "nonexistent directory")),
            Dialect::Dash => format!("cannot create {target}: {}", short(errno, "Directory nonexistent")),
            Dialect::Bash => format!("{target}: {}", errno.text()),
        };
        self.complain(m, &text)?;
        Ok(Err(self.redirect_code()))
    }

    pub(super) fn create(
        &mut self,
        m: &mut Machine<'_>,
        path: &str,
        append: bool,
    ) -> crate::shell::machine::Sys<String> {
        use crate::shell::fs::sys;
        if path.contains(UNKNOWN) {
            return Err(Halt::Unknown(Why::Content(path.to_owned())));
        }
        let found = sys!(m.resolve(path, true));
        let cred = self.cred.clone();
        match &found.node {
            Some(Node::File(file)) if append => {
                if let Some(errno) = m.write_refusal(&cred, &found.path, file.meta) {
                    return Ok(Err(errno));
                }
            }
            _ => sys!(m.write_content(&cred, path, Content::bytes([]), 0o666 & !self.umask)),
        }
        Ok(Ok(found.path))
    }
}
