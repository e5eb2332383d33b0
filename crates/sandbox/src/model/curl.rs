//! `curl`: where its options put what it downloads. Seen with curl 7.88.

use super::download::{Spec, Word, host, made, path, save, show};
use crate::shell::machine::{Halt, UNKNOWN_BYTES};
use crate::shell::process::{Process, Run};

/// The options of curl 7.88 and later ones, from its help.
const OPTIONS: Spec = Spec {
    plain: "aqfGgI0ik46jlLMn:NZ#pJORSs231BvV",
    valued: "EKCbcdDFPHhmoxUQreXYytzTuAw",
    joined: "",
    long: "alpn anyauth append basic buffer ca-native cert-status compressed compressed-ssh create-dirs crlf digest \
    disable disable-eprt disable-epsv disallow-username-in-url doh-cert-status doh-insecure eprt epsv \
    fail fail-early fail-with-body false-start form-escape ftp-create-dirs ftp-pasv ftp-pret \
    ftp-skip-pasv-ip ftp-ssl-ccc ftp-ssl-control get globoff haproxy-protocol head http0.9 http1.0 \
    http1.1 http2 http2-prior-knowledge http3 http3-only http3-only ignore-content-length include \
    insecure ipv4 ipv6 junk-session-cookies keepalive list-only location location-trusted \
    mail-rcpt-allowfails manual metalink mptcp negotiate netrc netrc-optional next no-clobber npn ntlm \
    ntlm-wb parallel parallel-immediate path-as-is post301 post302 post303 progress-bar progress-meter \
    proxy-anyauth proxy-basic proxy-ca-native proxy-digest proxy-http2 proxy-insecure proxy-negotiate \
    proxy-ntlm proxy-ssl-allow-beast proxy-ssl-auto-client-cert proxy-tlsv1 proxytunnel raw \
    remote-header-name remote-name remote-name-all remote-time remove-on-error retry-all-errors \
    retry-connrefused sasl-ir sessionid show-error silent skip-existing socks5-basic socks5-gssapi \
    socks5-gssapi-nec ssl ssl-allow-beast ssl-auto-client-cert ssl-no-revoke ssl-reqd \
    ssl-revoke-best-effort sslv2 sslv3 styled-output suppress-connect-headers tcp-fastopen tcp-nodelay \
    tftp-no-options tls-earlydata tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 tr-encoding trace-ids trace-time \
    use-ascii verbose version xattr",
    long_valued: "abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout \
    connect-to continue-at cookie cookie-jar create-file-mode crlfile curves data data-ascii data-binary \
    data-raw data-urlencode delegation dns-interface dns-ipv4-addr dns-ipv4-addr dns-ipv6-addr \
    dns-servers doh-url dump-header ech egd-file engine etag-compare etag-save expect100-timeout form \
    form-string ftp-account ftp-alternative-to-user ftp-method ftp-port ftp-ssl-ccc-mode \
    happy-eyeballs-timeout-ms header help hostpubmd5 hostpubsha256 hsts interface ip-tos json \
    keepalive-cnt keepalive-time key key-type krb libcurl limit-rate local-port login-options mail-auth \
    mail-from mail-rcpt max-filesize max-redirs max-time netrc-file noproxy oauth2-bearer output \
    output-dir parallel-max pass pinnedpubkey preproxy proto proto-default proto-redir proxy \
    proxy-cacert proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header \
    proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers \
    proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy-user proxy1.0 pubkey quote random-file range \
    rate referer request request-target resolve retry retry-delay retry-max-time sasl-authzid \
    service-name socks4 socks4a socks5 socks5-gssapi-service socks5-hostname speed-limit speed-time \
    stderr telnet-option tftp-blksize time-cond tls-max tls13-ciphers tlsauthtype tlspassword tlsuser \
    trace trace-ascii unix-socket upload-file url url-query user user-agent variable vlan-priority \
    write-out",
    negates: true,
};

/// What a command line asks for.
#[derive(Default)]
struct Asked {
    urls: Vec<String>,
    /// Where the first, second, … address goes: a name, or none for the one that the address has.
    outputs: Vec<Option<String>>,
    /// `--remote-name-all`
    all: bool,
    dir: Option<String>,
    create_dirs: bool,
    globs: bool,
    /// Whether nothing is said of errors.
    silent: bool,
    fails_silently: bool,
    /// What else is written: headers, cookies.
    others: Vec<String>,
    /// What is printed in the end.
    says: Option<String>,
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let mut asked = Asked { globs: true, ..Asked::default() };
    let mut shows_errors = false;
    for word in OPTIONS.read(&args) {
        let (option, value) = match word {
            Word::Operand(url) => {
                asked.urls.push(url);
                continue;
            }
            // Another version may have it.
            Word::Stranger(option) => return p.option(option),
            Word::Lacking(option) => {
                p.error(&["curl: option ", &option, ": requires parameter"].concat())?;
                return try_help(p);
            }
            Word::Option(option, value) => (option, value),
        };
        match option.as_str() {
            "o" | "output" => asked.outputs.push(Some(value)),
            "O" | "remote-name" => asked.outputs.push(None),
            "remote-name-all" => asked.all = true,
            "output-dir" => asked.dir = Some(value),
            "create-dirs" => asked.create_dirs = true,
            "url" => asked.urls.push(value),
            "g" | "globoff" => asked.globs = false,
            "s" | "silent" => asked.silent = true,
            "S" | "show-error" => shows_errors = true,
            "w" | "write-out" => asked.says = Some(value),
            "D" | "dump-header" | "c" | "cookie-jar" | "etag-save" | "trace" | "trace-ascii" | "stderr" => {
                asked.others.push(value);
            }
            "V" | "version" | "h" | "help" | "M" | "manual" => return p.only_reads(["-", &option].concat()),
            // What they do is not in the command line alone, or sends something.
            "J" | "remote-header-name" | "K" | "config" | "next" | ":" | "metalink" | "z" | "time-cond"
            | "etag-compare" | "libcurl" | "alt-svc" | "hsts" | "no-clobber" | "skip-existing" => {
                return p.option(["-", &option].concat());
            }
            _ => {}
        }
    }
    asked.fails_silently = asked.silent && !shows_errors;
    if asked.urls.is_empty() {
        if !asked.fails_silently {
            p.error("curl: (2) no URL specified")?;
        }
        return try_help(p);
    }
    download(p, &asked)
}

fn try_help(p: &mut Process<'_, '_>) -> Run {
    p.error("curl: try 'curl --help' or 'curl --manual' for more information")?;
    Ok(2)
}

fn download(p: &mut Process<'_, '_>, asked: &Asked) -> Run {
    let mut outputs = asked.outputs.iter();
    for url in &asked.urls {
        let patterned = asked.globs && url.contains(['{', '[']);
        if patterned || url.starts_with("file:") {
            return p.option(url.clone());
        }
        if !p.m.network {
            return failed(p, asked, 6, &["Could not resolve host: ", host(url)].concat());
        }
        let name = match outputs.next() {
            Some(Some(name)) => Some(name.clone()),
            Some(None) => Some(file_name(url)),
            None => asked.all.then(|| file_name(url)),
        };
        if let Some(code) = fetch(p, asked, url, name)? {
            return Ok(code);
        }
    }
    for path in &asked.others {
        match path.as_str() {
            "-" => show(p)?,
            path => {
                let _ = save(p, path, path)?;
            }
        }
    }
    if let Some(format) = &asked.says {
        write_out(p, format)?;
    }
    Ok(0)
}

/// The name that an address gives its file, without what is asked of it.
fn file_name(url: &str) -> String {
    let path = path(url).split(['?', '#']).next().unwrap_or("");
    path.rsplit('/').next().unwrap_or("").to_owned()
}

/// Downloads from one address. Answers with the code of a failure.
fn fetch(
    p: &mut Process<'_, '_>,
    asked: &Asked,
    url: &str,
    name: Option<String>,
) -> Result<Option<u8>, Halt> {
    let name = match name.as_deref() {
        None | Some("-") => return show(p).map(|()| None),
        Some("") => {
            return failed(p, asked, 23, "Failed writing received data to disk/application").map(Some);
        }
        Some(name) => match &asked.dir {
            Some(dir) => [dir.trim_end_matches('/'), "/", name].concat(),
            None => name.to_owned(),
        },
    };
    if asked.create_dirs {
        made(p, &name)?;
    }
    if let Err(errno) = save(p, url, &name)? {
        if !asked.silent {
            p.error(&["Warning: Failed to open the file ", &name, ": ", errno.text()].concat())?;
        }
        return failed(p, asked, 23, "Failure writing output to destination").map(Some);
    }
    Ok(None)
}

fn failed(p: &mut Process<'_, '_>, asked: &Asked, code: u8, what: &str) -> Run {
    if !asked.fails_silently {
        p.error(&["curl: (", &code.to_string(), ") ", what].concat())?;
    }
    Ok(code)
}

/// `--write-out`: what it says of the download is not known, but for what is no variable.
fn write_out(p: &mut Process<'_, '_>, format: &str) -> Result<(), Halt> {
    let format = format.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r");
    let mut parts = format.split("%{");
    p.print(parts.next().unwrap_or(""))?;
    for part in parts {
        let (_, text) = part.split_once('}').unwrap_or((part, ""));
        p.write(UNKNOWN_BYTES)?;
        p.print(text)?;
    }
    Ok(())
}
