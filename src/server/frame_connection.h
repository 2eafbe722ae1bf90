// One connection on the home's socket: frames in, frames out, without blocking.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/event_loop.h"
#include "base/fd.h"
#include "base/send_queue.h"
#include "task/frame.h"

namespace venturi::server {

class FrameConnection {
 public:
  struct Events {
    std::function<void(task::Frame&)> on_frame;  // which may take what it needs out of it
    // The other side is gone, or sent what is no frame (`why` says what; empty: it just closed). Called once, from the loop,
    // after which nothing is sent any more; the owner may destroy the connection in it.
    std::function<void(const std::string& why)> on_closed;
  };

  FrameConnection(EventLoop& loop, Fd socket, Events events);
  ~FrameConnection();
  FrameConnection(const FrameConnection&) = delete;
  FrameConnection& operator=(const FrameConnection&) = delete;

  void set_events(Events events) { events_ = std::move(events); }
  // Queued until flush().
  void send(std::int64_t id, const Value& body, const Value& error = {}) { task::append_frame(out_.bytes(), id, body, error); }
  void send_packed(std::int64_t id, std::string_view body) { task::append_packed_frame(out_.bytes(), id, body); }
  void flush();
  // Sends now where more than that waits: the other side begins while we make the rest.
  void flush_above(std::size_t bytes) {
    if (out_.size() > bytes && !watching_out_) flush();
  }
  [[nodiscard]] bool is_open() const { return static_cast<bool>(socket_); }

 private:
  void on_ready(std::uint32_t events);
  void receive();
  void close(const std::string& why);

  EventLoop& loop_;
  Fd socket_;
  Events events_;
  task::FrameReader reader_;
  std::unique_ptr<char[]> buffer_;
  SendQueue out_;
  bool watching_out_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace venturi::server
