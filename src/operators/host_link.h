// The host's end of its control socket: everything that has come is handled, then everything that was said goes out with one
// write. Requests of the host's own are numbered from 1; their answers find whoever asked.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/fd.h"
#include "task/frame.h"

namespace venturi::operators {

class HostLink {
 public:
  using OnAnswer = std::function<void(task::Frame)>;
  struct Events {
    // A frame that is no answer. Descriptors come with the frame that they belong to, or before it; who wants some takes them
    // off the front.
    std::function<void(task::Frame, std::vector<Fd>&)> on_frame;
    // The other side is gone, or sent what is no message (`why` says what).
    std::function<void(const std::string& why)> on_end;
  };

  HostLink(const boost::asio::any_io_executor& executor, Fd control, Events events);
  void start();

  // Sent at the end of this turn of the loop, with everything else that was said in it.
  void send(std::int64_t id, const Value& body, const Value& error = {});
  // The same with a new id; the answer is handed to on_answer.
  void request(const Value& body, OnAnswer on_answer);
  // request() for coroutines. Throws where the coroutine is cancelled; the answer is dropped then.
  [[nodiscard]] boost::asio::awaitable<task::Frame> call(Value body);
  // What all tries of this host share under that name: null until somebody puts something there.
  [[nodiscard]] std::shared_ptr<void>& shared(const std::string& name) { return shared_[name]; }
  // Writes what waits now, as far as the socket takes it.
  [[nodiscard]] int write_out();
  void flush();

 private:
  struct Call;
  void wait_to_read();
  void wait_to_write();
  void receive();
  void handle_frames();
  void handle(task::Frame frame);
  void end(const std::string& why);

  boost::asio::any_io_executor executor_;
  Fd control_;
  boost::asio::posix::stream_descriptor watched_;  // control_ without owning it
  Events events_;
  task::FrameReader reader_;
  std::vector<Fd> fds_;
  std::string out_;
  std::size_t written_ = 0;
  bool flush_is_due_ = false, writing_ = false, ended_ = false, reading_paused_ = false;
  std::int64_t next_id_ = 1;
  std::unordered_map<std::int64_t, OnAnswer> asked_;
  std::unordered_map<std::string, std::shared_ptr<void>> shared_;
};

}  // namespace venturi::operators
