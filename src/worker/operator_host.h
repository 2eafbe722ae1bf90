// The connection to a process that runs many tries: the operator host (program venturi-operators), or the light process of a
// DAG program (light_pool.h). It is started at first need, again when it died. Its tries are lost with it; nothing else is.
// What it started and left behind is ended by the guard between it and us (spawn.h).
//
// Both sides ask: our requests have negative ids, the host's positive ones.
#pragma once

#include <sys/types.h>

#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/event_loop.h"
#include "task/frame.h"
#include "worker/children.h"
#include "worker/options.h"
#include "worker/spawn.h"

namespace venturi::worker {

class OperatorHost {
 public:
  // The member of its messages that we only hand on: it comes packed.
  static constexpr std::string_view packed_members[] = {"body"};

  struct Kind {
    std::string path;
    std::vector<std::string> arguments;
    std::string name;      // "the operator host"
    int output = null_fd;  // its stdout, and its stderr where that is not ours
  };
  struct Events {
    std::function<void(const task::Frame&)> on_message;  // of the host's own
    // Why, and whether it had been ready: then all its tries are lost; otherwise none of them was begun.
    std::function<void(const std::string&, bool was_ready)> on_died;
  };
  using OnAnswer = std::function<void(const task::Frame&)>;

  OperatorHost(EventLoop& loop, Children& children, const Spawner& spawner, const Options& options, Kind kind, Events events);
  ~OperatorHost();
  OperatorHost(const OperatorHost&) = delete;
  OperatorHost& operator=(const OperatorHost&) = delete;

  // Starts the host where there is none. An error text where it cannot be started; empty: fine.
  [[nodiscard]] std::string ensure();
  // Only while the host lives. When it dies first no answer comes: on_died does.
  void request(const Value& body, OnAnswer on_answer) { request_packed(task::pack(body), std::move(on_answer)); }
  void request_packed(std::string_view body, OnAnswer on_answer, std::vector<Fd> fds = {});
  void send(std::int64_t id, const Value& body, const Value& error = {});
  // A message that is not answered, packed, and a descriptor that goes with it.
  void send_packed(std::string_view body, Fd fd);
  void flush();
  // Its end, with all that it runs: on_died follows.
  void kill_host() const;
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] pid_t process() const { return process_; }  // below its guard, as it says itself
  // Counts the hosts: an answer for an earlier one must not reach this one.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

 private:
  // Bytes and the descriptors that go with the first of them.
  struct Part {
    std::string bytes;
    std::vector<Fd> fds;
  };
  static constexpr std::size_t most_fds = 64;  // of a part
  std::string& open_part();
  void on_ready(std::uint32_t events);
  bool receive();
  void write_out();
  void died(int status);
  void unwatch();

  EventLoop& loop_;
  Children& children_;
  const Spawner& spawner_;
  const Options& options_;
  Kind kind_;
  Events events_;
  pid_t pid_ = 0;  // of its guard
  pid_t process_ = 0;
  std::uint64_t generation_ = 0;
  Fd control_;
  bool ready_ = false, watched_ = false, watching_out_ = false;
  EventLoop::TimerId start_timer_ = 0;
  task::FrameReader in_{packed_members};
  std::deque<Part> out_;
  std::int64_t next_id_ = -1;
  std::unordered_map<std::int64_t, OnAnswer> asked_;
};

}  // namespace venturi::worker
