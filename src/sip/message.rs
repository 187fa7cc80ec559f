use std::fmt;

/// A request method (RFC 3261, section 7.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Asks for a session.
    Invite,
    /// Confirms the final response to an INVITE.
    Ack,
    /// Ends a session.
    Bye,
    /// Gives up an INVITE.
    Cancel,
    /// Asks what the other can do, and whether it lives.
    Options,
    /// Tells where an agent's phone is.
    Register,
    /// Carries keys (RFC 6086).
    Info,
    /// Refreshes or changes a session, also before its INVITE is answered (RFC 3311).
    Update,
    /// Acknowledges a provisional response (RFC 3262).
    Prack,
    /// Asks that the call be connected elsewhere (RFC 3515).
    Refer,
    /// Tells what became of it (RFC 6665).
    Notify,
    /// Anything else, by its name.
    Other(String),
}

impl Method {
    /// The method of a name, which is case-sensitive.
    pub fn from_name(name: &str) -> Self {
        match name {
            "INVITE" => Self::Invite,
            "ACK" => Self::Ack,
            "BYE" => Self::Bye,
            "CANCEL" => Self::Cancel,
            "OPTIONS" => Self::Options,
            "REGISTER" => Self::Register,
            "INFO" => Self::Info,
            "UPDATE" => Self::Update,
            "PRACK" => Self::Prack,
            "REFER" => Self::Refer,
            "NOTIFY" => Self::Notify,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Invite => "INVITE",
            Self::Ack => "ACK",
            Self::Bye => "BYE",
            Self::Cancel => "CANCEL",
            Self::Options => "OPTIONS",
            Self::Register => "REGISTER",
            Self::Info => "INFO",
            Self::Update => "UPDATE",
            Self::Prack => "PRACK",
            Self::Refer => "REFER",
            Self::Notify => "NOTIFY",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Parameters `;name=value` in order; names in lower case, quotes taken off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Params(pub Vec<(String, Option<String>)>);

impl Params {
    /// The value of a parameter; `Some("")` when it stands without one.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_deref().unwrap_or(""))
    }

    /// Sets a parameter, in place of an earlier one of the name.
    pub fn set(&mut self, name: &str, value: Option<String>) {
        match self.0.iter_mut().find(|(n, _)| n == name) {
            Some(slot) => slot.1 = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }
}

/// The scheme of a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`
    Sips,
    /// `tel:`, whose number is in [`Uri::user`] and whose host is empty.
    Tel,
}

/// A SIP or tel URI (RFC 3261, section 19.1; RFC 3966).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Uri {
    /// The scheme.
    pub scheme: Scheme,
    /// The user part, unescaped.
    pub user: Option<String>,
    /// A host name or an address; IPv6 with its brackets.
    pub host: String,
    /// The port, if written.
    pub port: Option<u16>,
    /// The URI's own parameters (`transport`, `lr`, …).
    pub params: Params,
    /// What follows `?`, as it came: headers that a Contact asks for. They are given back
    /// with the Contact, nothing here acts on them, and no request line has any.
    pub headers: Option<Box<str>>,
}

/// A `Via` value (RFC 3261, section 20.42).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// `UDP`, `TCP`, …, in upper case.
    pub transport: String,
    /// The host of sent-by; IPv6 with its brackets.
    pub host: String,
    /// The port of sent-by.
    pub port: Option<u16>,
    /// `branch`, `received`, `rport`, …
    pub params: Params,
}

/// A `From`, `To`, `Contact`, `Route` or `Record-Route` value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAddr {
    /// The display name without its quotes.
    pub display: Option<String>,
    /// The address.
    pub uri: Uri,
    /// The header's parameters (`tag`, `expires`, …).
    pub params: Params,
}

impl NameAddr {
    /// The tag, if there is one.
    pub fn tag(&self) -> Option<&str> {
        self.params.value("tag").filter(|tag| !tag.is_empty())
    }
}

/// What both kinds of messages carry. The headers that the stack works with are
/// typed; everything else is in `other`, in order, under its long name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    /// The way back, topmost first.
    pub via: Vec<Via>,
    /// The sender.
    pub from: NameAddr,
    /// The addressee.
    pub to: NameAddr,
    /// The call's id.
    pub call_id: String,
    /// The sequence number.
    pub cseq: u32,
    /// The method beside the sequence number.
    pub cseq_method: Method,
    /// Where the sender can be reached.
    pub contact: Contact,
    /// The route still to go.
    pub route: Vec<NameAddr>,
    /// The proxies that stay in the path.
    pub record_route: Vec<NameAddr>,
    /// The hops left.
    pub max_forwards: Option<u32>,
    /// Every other header as `(Long-Name, value)`.
    pub other: Vec<(String, String)>,
}

impl Headers {
    /// The first value of another header, by its long name in any case.
    pub fn other<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.others(name).next()
    }

    /// Every value of another header, by its long name in any case.
    pub fn others<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.other.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

/// The `Contact` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// `*`, in a REGISTER that forgets everything.
    Star,
    /// The addresses, maybe none.
    List(Vec<NameAddr>),
}

impl Contact {
    /// The first address.
    pub fn first(&self) -> Option<&NameAddr> {
        match self {
            Self::Star => None,
            Self::List(list) => list.first(),
        }
    }
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked.
    pub method: Method,
    /// Of whom.
    pub uri: Uri,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// 100 to 699.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A request.
    Request(Request),
    /// A response.
    Response(Response),
}
