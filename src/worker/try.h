// One try while the worker has to do with it: a task's process, a light task in its program's light process, an operator in the
// host, or the process of a callback.
//
//   launched ─▶ (waiting for its fork) ─▶ running ─▶ reaped ─▶ output read to its end ─▶ reported
//
// A process's descriptors: `requests` is our end; `child_ends` are the task's, kept until we know that its process exists, so
// that a fork whose warm process died can be repeated, or be found to have happened.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/fd.h"
#include "base/masking.h"
#include "base/send_queue.h"
#include "task/frame.h"
#include "worker/exit_reason.h"
#include "worker/log_stream.h"
#include "worker/token.h"

namespace venturi::worker {

struct LightProcess;
struct Try;

struct LogPipe {
  LogPipe(Try& t, Fd fd, LogKind kind) : owner(t), stream(std::move(fd), kind) {}
  Try& owner;
  LogStream stream;
  bool has_rest = false;
};

struct Try {
  enum class Kind : std::uint8_t { task, mover, light, host_operator, callback };

  Try(std::uint64_t number, Kind k, std::string log_path) : id(number), kind(k), log(std::move(log_path)) {}

  std::uint64_t id;  // within this supervisor
  Kind kind;
  Token token;                // not of callbacks
  std::int64_t callback = 0;  // of callbacks: RunCallback.no
  std::string ti_id, label, program;
  std::string start_date;  // before anything of it can run: no try ends before it began

  Fd requests;
  std::array<Fd, 4> child_ends;   // requests, stdout, stderr, log
  std::size_t startup_bytes = 0;  // of the first frame, written before the process exists
  int launches = 0;               // fork requests so far
  // What a task gives, at times megabytes of it, is handed on unread.
  static constexpr std::string_view packed_members[] = {"value"};
  task::FrameReader in{packed_members};
  SendQueue out;  // answers that are not written yet
  bool watching_out = false, queued_out = false;
  int open_questions = 0;  // requests without an answer

  LightProcess* light = nullptr;  // of a light task: where it runs
  std::string start_message;      // … and what is sent again where that process dies before the task has begun

  pid_t pid = 0;  // its process group too, unless it shares its process with others; 0 while there is none
  std::optional<int> status;
  Cause cause = Cause::none;
  std::string why;
  EventLoop::TimerId deadline = 0, kill_timer = 0, output_timer = 0;
  std::chrono::milliseconds execution_timeout{0};

  // Its session in the operator host (supervisor_hooks.cpp).
  bool has_session = false;
  std::string session_lost;              // why the one that it had is gone; told to its next call
  std::vector<std::int64_t> host_calls;  // frames of the task that wait for the host's answer

  std::uint64_t seq = 0;  // of the last write told to the server
  bool terminal = false;  // told its outcome
  bool outcome_answered = false;
  std::optional<Value> host_exit;  // OperatorExited.exit
  bool reported = false;

  LogFile log;
  std::vector<std::string> secrets;
  std::shared_ptr<const Masker> masker;
  std::vector<std::unique_ptr<LogPipe>> pipes;

  [[nodiscard]] bool output_ended() const {
    for (const auto& pipe : pipes) {
      if (!pipe->stream.ended()) return false;
    }
    return true;
  }
};

}  // namespace venturi::worker
