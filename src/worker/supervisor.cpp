#include "worker/supervisor.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "base/errno_error.h"
#include "base/kill_point.h"
#include "base/slices.h"
#include "worker/process_tree.h"

namespace venturi::worker {
namespace {

// The sequence number of a report by a supervisor that did not run the try: above all that the try itself can have used.
constexpr std::uint64_t successor_seq = 1ULL << 32U;

std::string name_of_host() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

template <class T>
std::vector<T> take_first(std::vector<T>& items, std::size_t n) {
  const auto end = items.begin() + static_cast<std::ptrdiff_t>(n);
  std::vector<T> first(std::make_move_iterator(items.begin()), std::make_move_iterator(end));
  items.erase(items.begin(), end);
  return first;
}

}  // namespace

Supervisor::Supervisor(const Options& options, Fd keeper)
    : options_(options),
      logs_(options.home + "/logs"),
      host_name_(name_of_host()),
      keeper_(std::move(keeper)),
      record_(options.home + "/worker"),
      disk_(loop_),
      spawner_(options.home),
      children_(loop_, [this] { drain(); }),
      logs_reader_(loop_, keeper_, static_cast<std::uint64_t>(options_.max_task_log_mib) << 20U,
                   [this](Try& t) { on_output_end(t); }),
      warm_(loop_, children_, spawner_, options_,
            {.made = [this](Try& t) { on_made(t); },
             .failed = [this](Try& t, const std::string& why) { refuse(t, why); },
             .lost = [this](Try& t, const std::string& why) { launch_lost(t, why); }}),
      host_(loop_, children_, spawner_, options_,
            {.path = options_.operator_host, .arguments = {"--venturi-warm"}, .name = "the operator host"},
            {.on_message = [this](const task::Frame& frame) { on_host_message(frame); },
             .on_died = [this](const std::string& why, bool was_ready) { on_host_died(why, was_ready); }}),
      light_(loop_, children_, spawner_, options_,
             {.on_message = [this](const task::Frame& frame) { on_light_message(frame); },
              .on_died = [this](const LightPool::Death& death) { on_light_died(death); }}),
      callbacks_(host_, {.start_function = [this](std::int64_t no, const Value& body) { return start_function(no, body); },
                         .send_result = [this](std::int64_t frame, const Value& result) { server_.send(result, frame); }}),
      server_(loop_, options.home,
              {.hello = [this] { return hello(); },
               .on_hello = [this](const Value& body) { on_server_hello(body); },
               .on_answer = [this](const Request& request, const task::Frame& frame) { on_answer(request, frame); },
               .on_message = [this](task::Frame frame) { on_server_message(std::move(frame)); },
               .on_lost = [this] { arm_grace_timer(); }}) {
  ::signal(SIGPIPE, SIG_IGN);
  // The kernel sends it to a stopped process whose keeper dies (its process group has no parent any more), and there is work to
  // do.
  ::signal(SIGHUP, SIG_IGN);
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) throw errno_error("PR_SET_CHILD_SUBREAPER");
  if (::mkdir(logs_.c_str(), 0700) != 0 && errno != EEXIST) throw errno_error("mkdir " + logs_);
  loop_.watch(keeper_.fd(), EPOLLIN, [this](std::uint32_t events) { on_keeper(events); });
  loop_.at_end_of_turn([this] { end_of_turn(); });

  // What a predecessor accepted and did not see to its end: its processes are gone (the keeper saw to that).
  const auto told = server_.unanswered_exits();
  for (const Token& token : record_.unsettled()) {
    if (std::find(told.begin(), told.end(), token) != told.end()) continue;
    const Exit exit{"lost", 0, "its worker died while it ran"};
    server_.request({.from = Request::From::exit, .token = token, .write = true, .outcome = true},
                    Object{{"type", "TryExited"},
                           {"token", to_value(token)},
                           {"seq", successor_seq},
                           {"exit", exit.value()},
                           {"terminal", false}});
  }
}

void Supervisor::run() {
  take_short_slices();
  server_.connect();
  if (!server_.ready()) arm_grace_timer();
  try {
    loop_.run();
  } catch (const KeeperGone&) {
    keeper_died();
  }
}

void Supervisor::end_of_turn() {
  record_launches();
  keeper_.flush();
  for (auto& [t, argument] : std::exchange(to_launch_, {})) warm_.launch(*t, argument);
  write_answers();
  host_.flush();
  light_.flush();
  server_.flush();
  keeper_.flush();
  buried_.clear();
  end_if_done();
}

void Supervisor::record_launches() {
  if (recording_.under_way) return;  // what came meanwhile follows
  recording_ = {false, launches_.size(), questions_.size()};
  if (!launches_.empty()) kill_point("worker.before_record");
  try {
    if (!record_.write()) return recorded({});
  } catch (const std::system_error& e) {
    return recorded(e.what());
  }
  recording_.under_way = true;
  disk_.run([this]() -> JobThread::Then {
    return [this, error = record_.sync()] {
      recording_.under_way = false;
      record_.synced(error.empty());
      recorded(error);
    };
  });
}

// `error`: why it is not on disk.
void Supervisor::recorded(const std::string& error) {
  if (recording_.launches != 0) kill_point("worker.after_record");
  const std::string why = error.empty() ? error : "the launch could not be recorded: " + error;
  if (!why.empty()) std::fprintf(stderr, "venturi-worker: %s\n", why.c_str());
  for (TokenQuestion& question : take_first(questions_, recording_.questions)) {
    if (!why.empty()) {
      for (const std::size_t i : question.refused_now) question.states[i] = "unknown";
    }
    server_.send(Object{{"type", "TokenStates"}, {"states", std::move(question.states)}}, question.frame);
  }
  for (const Launch& launch : take_first(launches_, recording_.launches)) {
    if (why.empty()) {
      begin(launch);
    } else {
      server_.send(
          Object{{"type", "TryRefused"}, {"token", to_value(launch.token)}, {"why", why}, {"reason", "launch_failed"}});
    }
  }
}

void Supervisor::write_answers() {
  for (Try* t : std::exchange(answered_, {})) {
    t->queued_out = false;
    if (!t->watching_out) write_out(*t);
  }
}

void Supervisor::on_keeper(std::uint32_t) {
  char buffer[4096];
  const ssize_t n = ::recv(keeper_.fd(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) keeper_died();
  keeper_in_.feed({buffer, static_cast<std::size_t>(n)});
  while (keeper_in_.next()) drain();  // the one thing that a keeper says
}

void Supervisor::keeper_died() {
  std::fprintf(stderr, "venturi-worker: the keeper died; ending %zu running tries\n", tries_.size());
  kill_descendants();
  for (const auto& [id, t] : tries_) {
    for (const auto& pipe : t->pipes) pipe->stream.pump(t->log, *t->masker, true);
  }
  ::_exit(3);
}

void Supervisor::drain() {
  if (!std::exchange(draining_, true)) last_end_ = std::chrono::steady_clock::now();  // the patience begins
}

bool Supervisor::only_waits() const {
  return launches_.empty() && callbacks_.empty() && std::ranges::all_of(by_token_, [](const auto& entry) {
           return entry.second->terminal && !entry.second->outcome_answered;
         });
}

void Supervisor::end_if_done() {
  if (!draining_ || !only_waits()) return;
  if (idle() && (server_.nothing_unanswered() || (!server_.ready() && server_.outcomes_on_disk()))) return loop_.stop();
  if (drain_timer_ != 0) return;
  // A server that does not answer, or is not there, must not hold us up: the journal takes what it was told.
  const auto due = last_end_ + options_.drain_patience;
  drain_timer_ = loop_.after(std::chrono::ceil<std::chrono::milliseconds>(due - std::chrono::steady_clock::now()), [this] {
    drain_timer_ = 0;
    if (!only_waits() || std::chrono::steady_clock::now() - last_end_ < options_.drain_patience) return;
    server_.journal_unanswered();
    loop_.stop();
  });
}

void Supervisor::arm_grace_timer() {
  if (grace_timer_ != 0) return;
  const auto now = std::chrono::steady_clock::now();
  const auto due = std::max(server_.lost_at(), only_waits() ? last_end_ : now) + options_.server_grace;
  grace_timer_ = loop_.after(std::chrono::ceil<std::chrono::milliseconds>(due - now), [this] {
    grace_timer_ = 0;
    if (server_.ready()) return;
    const auto since = std::max(server_.lost_at(), last_end_);
    if (only_waits() && std::chrono::steady_clock::now() - since >= options_.server_grace) {
      std::fprintf(stderr, "venturi-worker: no server for too long; ending\n");
      loop_.stop();
      return;
    }
    arm_grace_timer();
  });
}

}  // namespace venturi::worker
