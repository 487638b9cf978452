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
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::net::{TcpListener, TcpStream};

/// What answers the requests of a port.
pub(crate) trait Service: Send + Sync + 'static {
    /// Who calls, through the connection of `peer`.
    fn caller(&self, peer: IpAddr, _headers: &HeaderMap) -> IpAddr {
        peer
    }

    /// The answer to one request. A caller who goes away drops the future.
    fn answer(&self, head: &Head, body: Incoming) -> impl Future<Output = Reply> + Send;
}

/// Accepts connections until it is dropped.
pub(crate) async fn accept(
    listener: TcpListener,
    service: Arc<impl Service>,
    connections: Arc<Connections>,
) {
    let builder = Arc::new(builder());
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
            Arc::clone(&builder),
            stream,
            peer,
            Arc::clone(&service),
            entered,
        ));
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // The watch over all connections keeps the time of heads: a timer for each would cost more.
    // An answer and its head are one write: a copy costs less than handing over two buffers.
    // Nothing is read while a request is at work, which would take another buffer for each request: the guard looks whether
    // its caller has gone.
    builder
        .http1()
        .header_read_timeout(None)
        .writev(false)
        .half_close(true)
        .max_buf_size(MAX_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEADER_LIST)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER);
    builder
}

async fn serve(
    builder: Arc<Builder<TokioExecutor>>,
    stream: TcpStream,
    peer: SocketAddr,
    service: Arc<impl Service>,
    entered: Entered,
) {
    let activity = Arc::clone(&entered.activity);
    // Answers are written whole: waiting for more to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(Guard {
        stream,
        activity: Arc::clone(&activity),
    });
    let answer = service_fn(|request: Request<Incoming>| {
        let (service, working) = (
            Arc::clone(&service),
            Working::new(&activity, request.version()),
        );
        let (parts, body) = request.into_parts();
        let caller = service.caller(peer.ip(), &parts.headers);
        let head = Head::new(parts, caller);
        // The head stays where it is from here on: each move of it would be another copy in the future.
        async move {
            let reply = service.answer(&head, body).await;
            respond::reuse(head.parts.headers);
            drop(working);
            Ok::<_, Infallible>(reply)
        }
    });
    let mut connection = pin!(builder.serve_connection(io, answer));
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
                connection.as_mut().graceful_shutdown();
            }
            Order::Go | Order::Drain => {}
        }
        wake::connection(relay, |cx| connection.as_mut().poll(cx))
    });
    if let Err(error) = ended.await {
        tracing::debug!(target: "journey", %error, "a connection broke");
    }
    drop(entered);
}

/// A request at work on a connection.
struct Working(Arc<Activity>);

impl Working {
    fn new(activity: &Arc<Activity>, version: Version) -> Self {
        activity.begin(version == Version::HTTP_2);
        Self(Arc::clone(activity))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.end();
    }
}
