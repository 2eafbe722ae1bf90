#include "server/frame_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace venturi::server {

namespace {
constexpr std::size_t receive_size = 64 << 10;
}

FrameConnection::FrameConnection(EventLoop& loop, Fd socket, Events events)
    : loop_(loop),
      socket_(std::move(socket)),
      events_(std::move(events)),
      buffer_(std::make_unique_for_overwrite<char[]>(receive_size)) {
  set_non_blocking(socket_.get());
  loop_.watch(socket_.get(), EPOLLIN, [this](std::uint32_t ready) { on_ready(ready); });
}

FrameConnection::~FrameConnection() {
  *alive_ = false;
  if (socket_) loop_.unwatch(socket_.get());
}

void FrameConnection::on_ready(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) flush();
  if (socket_ && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive();
}

void FrameConnection::receive() {
  const ssize_t n = ::recv(socket_.get(), buffer_.get(), receive_size, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return close({});
  reader_.feed({buffer_.get(), static_cast<std::size_t>(n)});
  const auto alive = alive_;
  try {
    while (*alive && socket_) {
      auto frame = reader_.next();
      if (!frame) return;
      events_.on_frame(*frame);
    }
  } catch (const task::ProtocolError& e) {
    if (*alive) close(std::string("it sent what is no message: ") + e.what());
  } catch (const ValueError& e) {
    if (*alive) close(std::string("it sent a message that is not complete: ") + e.what());
  }
}

void FrameConnection::close(const std::string& why) {
  if (!socket_) return;
  loop_.unwatch(socket_.get());
  socket_.reset();
  out_.clear();
  events_.on_closed(why);
}

void FrameConnection::flush() {
  if (!socket_) return;
  while (!out_.empty()) {
    const ssize_t n = ::send(socket_.get(), out_.rest().data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;  // a full socket, or one that is gone: receive() sees its end
    out_.sent(static_cast<std::size_t>(n));
  }
  if (out_.empty() == watching_out_) {
    watching_out_ = !watching_out_;
    loop_.rewatch(socket_.get(), watching_out_ ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
}

}  // namespace venturi::server
