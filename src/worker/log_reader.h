// Watches the output of all tries and brings it into their logs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "worker/keeper_link.h"
#include "worker/try.h"

namespace venturi::worker {

class LogReader {
 public:
  // on_ended: the last stream of this try has ended. log_limit: LogFile::set_limit() of each log.
  LogReader(EventLoop& loop, KeeperLink& keeper, std::uint64_t log_limit, std::function<void(Try&)> on_ended)
      : loop_(loop), keeper_(keeper), log_limit_(log_limit), on_ended_(std::move(on_ended)) {}

  // Gives the try its masker and its streams, tells the keeper, and begins to watch. The keeper has its duplicates after the
  // next flush of its link.
  void open(Try& t, std::vector<std::pair<Fd, LogKind>> streams);
  void add_stream(Try& t, Fd fd, LogKind kind);
  void add_secrets(Try& t, const std::vector<std::string>& secrets);
  // Reads what is there now.
  void pump(Try& t);
  // A record of the worker itself in the try's log.
  void note(Try& t, std::string_view level, std::string_view event);
  // What a bash operator returns: the last line of stdout, after all that was written so far.
  [[nodiscard]] std::string last_line_of_stdout(Try& t);
  void close(Try& t);

 private:
  void watch(LogPipe& pipe);
  void on_ready(LogPipe& pipe, std::uint32_t events);
  void arm_rest_timer();
  void take_rests();
  void come_again(LogPipe& pipe, bool hung_up);
  std::shared_ptr<const Masker> masker_for(const std::vector<std::string>& secrets);

  EventLoop& loop_;
  KeeperLink& keeper_;
  std::uint64_t log_limit_;
  std::function<void(Try&)> on_ended_;
  std::vector<LogPipe*> rests_;
  struct Stuck {
    LogPipe* pipe;
    bool hung_up;
  };
  std::vector<Stuck> stuck_;  // their disk is full
  bool rest_timer_ = false, stuck_timer_ = false;
  // Tries that follow one another mostly have the same secrets: one automaton for them.
  std::vector<std::string> last_secrets_;
  std::shared_ptr<const Masker> last_masker_ = std::make_shared<Masker>();
};

}  // namespace venturi::worker
