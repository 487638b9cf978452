//! The accept loop, and the life of a connection: HTTP/1.1 and HTTP/2 on one port, told apart by their first bytes.

use crate::connection::{Activity, Connections, Entered, Guard, Order};
use crate::limits::{
    ACCEPT_PAUSE, CONNECTION_WINDOW, MAX_HEAD, MAX_HEADER_LIST, MAX_STREAMS, SEND_BUFFER,
    STREAM_WINDOW,
};
use crate::request::Head;
use crate::respond::{self, Reply};
use crate::wake::{self, Relay};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::fmt::Display;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Poll, ready};
use tokio::io::ReadBuf;
use tokio::net::{TcpListener, TcpStream};

/// What answers the requests of a port.
pub(crate) trait Service: Send + Sync + 'static {
    /// Who calls, through the connection of `peer`.
    fn caller(&self, peer: IpAddr, _headers: &HeaderMap) -> IpAddr {
        peer
    }

    /// Makes the answer to one request. A caller who goes away drops the future.
    fn answer(
        &self,
        head: &Head,
        body: &mut Incoming,
        reply: &mut Reply,
    ) -> impl Future<Output = ()> + Send;
}

/// Accepts connections until it is dropped.
pub(crate) async fn accept(
    listener: TcpListener,
    service: Arc<impl Service>,
    connections: Arc<Connections>,
) {
    let protocols = Arc::new(Protocols::new());
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(target: "journey", %error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(entered) = connections.enter() else {
            continue;
        };
        tokio::spawn(serve(
            Arc::clone(&protocols),
            stream,
            peer,
            Arc::clone(&service),
            entered,
        ));
    }
}

/// What a connection may speak.
struct Protocols {
    /// HTTP/1, as nearly all do: without what tells the protocols apart between the stream and its reader.
    http1: http1::Builder,
    either: auto::Builder<TokioExecutor>,
}

impl Protocols {
    /// The watch over all connections keeps the time of heads: a timer for each would cost more.
    /// An answer and its head are one write: a copy costs less than handing over two buffers.
    /// Nothing is read while a request is at work, which would take another buffer for each request: the guard looks
    /// whether its caller has gone.
    fn new() -> Self {
        let (mut http1, mut either) = (
            http1::Builder::new(),
            auto::Builder::new(TokioExecutor::new()),
        );
        http1
            .header_read_timeout(None)
            .writev(false)
            .half_close(true)
            .max_buf_size(MAX_HEAD);
        either
            .http1()
            .header_read_timeout(None)
            .writev(false)
            .half_close(true)
            .max_buf_size(MAX_HEAD);
        either
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(MAX_HEADER_LIST)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER);
        Self { http1, either }
    }
}

async fn serve(
    protocols: Arc<Protocols>,
    stream: TcpStream,
    peer: SocketAddr,
    service: Arc<impl Service>,
    entered: Entered,
) {
    let activity = &entered.activity;
    // Answers are written whole: waiting for more to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let Some(may_be_http2) = may_be_http2(&stream, activity).await else {
        return;
    };
    let io = TokioIo::new(Guard {
        stream,
        activity: Arc::clone(activity),
    });
    if may_be_http2 {
        let answer = |request| answer(Arc::clone(&service), Arc::clone(activity), peer, request);
        let connection = protocols.either.serve_connection(io, service_fn(answer));
        attend(activity, pin!(connection), |it| it.graceful_shutdown()).await;
    } else {
        let answer = |request| answer(&*service, &**activity, peer, request);
        let connection = protocols.http1.serve_connection(io, service_fn(answer));
        attend(activity, pin!(connection), |it| it.graceful_shutdown()).await;
    }
}

/// How every connection of HTTP/2 begins, and no request of HTTP/1 that we answer.
const PREFACE: &[u8] = b"PRI";

/// Could it be HTTP/2, as far as the first bytes tell? `None`: the connection is to end before any came.
async fn may_be_http2(stream: &TcpStream, activity: &Activity) -> Option<bool> {
    poll_fn(|cx| {
        activity.belongs_to(cx.waker());
        if activity.order() != Order::Go {
            return Poll::Ready(None);
        }
        let mut bytes = [0; PREFACE.len()];
        let mut first = ReadBuf::new(&mut bytes);
        let peeked = ready!(stream.poll_peek(cx, &mut first));
        Poll::Ready(peeked.ok().map(|_| PREFACE.starts_with(first.filled())))
    })
    .await
}

/// The answer to a request; it shares the service and the connection's activity with the others of the connection.
fn answer<S: Service>(
    service: impl Deref<Target = S>,
    activity: impl Deref<Target = Activity>,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Reply, Infallible>> {
    let working = Working::new(activity, request.version());
    let (parts, mut body) = request.into_parts();
    let caller = service.caller(peer.ip(), &parts.headers);
    let head = Head::new(parts, caller);
    // The head stays where it is from here on: each move of it would be another copy in the future.
    async move {
        let mut reply = Reply::default();
        service.answer(&head, &mut body, &mut reply).await;
        respond::reuse(head.parts.headers);
        drop(working);
        Ok(reply)
    }
}

/// Polls a connection to its end, as the orders are that it gets.
async fn attend<C: Future<Output = Result<(), E>>, E: Display>(
    activity: &Activity,
    mut connection: Pin<&mut C>,
    drain: impl Fn(Pin<&mut C>),
) {
    let (mut relay, mut draining) = (None::<Relay>, false);
    let ended = poll_fn(|cx| {
        relay.take_if(|relay| !relay.leads_to(cx.waker()));
        let relay = relay.get_or_insert_with(|| {
            activity.belongs_to(cx.waker());
            Relay::to(cx.waker())
        });
        match activity.order() {
            Order::Stop => return Poll::Ready(Ok(())),
            Order::Drain if !draining => {
                draining = true;
                drain(connection.as_mut());
            }
            Order::Go | Order::Drain => {}
        }
        wake::connection(relay, |cx| connection.as_mut().poll(cx))
    });
    if let Err(error) = ended.await {
        tracing::debug!(target: "journey", %error, "a connection broke");
    }
}

/// A request at work on a connection.
struct Working<A: Deref<Target = Activity>>(A);

impl<A: Deref<Target = Activity>> Working<A> {
    fn new(activity: A, version: Version) -> Self {
        activity.begin(version == Version::HTTP_2);
        Self(activity)
    }
}

impl<A: Deref<Target = Activity>> Drop for Working<A> {
    fn drop(&mut self) {
        self.0.end();
    }
}
