#include "worker/log_reader.h"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>

namespace venturi::worker {
namespace {

// How long the beginning of a line stays in the socket. A task that writes byte by byte fills a socket with few of them (each
// write costs the kernel some 700 bytes there) and stands still until we take them.
constexpr auto rest_time = std::chrono::milliseconds(5);
// How often it is looked whether a full disk has room again. Meanwhile what tasks print stays in their sockets, and those who
// print more than fits there wait.
constexpr auto full_disk_time = std::chrono::milliseconds(500);

}  // namespace

std::shared_ptr<const Masker> LogReader::masker_for(const std::vector<std::string>& secrets) {
  if (secrets != last_secrets_) {
    last_masker_ = std::make_shared<Masker>(secrets);
    last_secrets_ = secrets;
  }
  return last_masker_;
}

void LogReader::open(Try& t, std::vector<std::pair<Fd, LogKind>> streams) {
  t.masker = masker_for(t.secrets);
  t.log.set_limit(log_limit_);
  std::vector<int> fds;
  std::vector<LogKind> kinds;
  for (auto& [fd, kind] : streams) {
    fds.push_back(fd.get());
    kinds.push_back(kind);
    t.pipes.push_back(std::make_unique<LogPipe>(t, std::move(fd), kind));
    if (t.kind == Try::Kind::host_operator && kind == LogKind::out) t.pipes.back()->stream.keep_last_line();
    watch(*t.pipes.back());
  }
  keeper_.open(t.id, t.label, t.log.path(), t.secrets, kinds, fds);
}

void LogReader::add_stream(Try& t, Fd fd, LogKind kind) {
  keeper_.stream(t.id, kind, fd.get());
  t.pipes.push_back(std::make_unique<LogPipe>(t, std::move(fd), kind));
  watch(*t.pipes.back());
}

void LogReader::add_secrets(Try& t, const std::vector<std::string>& secrets) {
  std::vector<std::string> fresh;
  for (const std::string& secret : secrets) {
    if (std::find(t.secrets.begin(), t.secrets.end(), secret) == t.secrets.end()) fresh.push_back(secret);
  }
  if (fresh.empty() || t.pipes.empty()) return;
  pump(t);  // what was written before could not hold it
  t.secrets.insert(t.secrets.end(), fresh.begin(), fresh.end());
  t.masker = masker_for(t.secrets);
  keeper_.mask(t.id, fresh);
}

void LogReader::watch(LogPipe& pipe) {
  // Edge-triggered: what is left in the socket until its line is complete must not wake us.
  loop_.watch(pipe.stream.fd(), EPOLLIN | EPOLLET, [this, &pipe](std::uint32_t events) { on_ready(pipe, events); });
}

void LogReader::on_ready(LogPipe& pipe, std::uint32_t events) {
  Try& t = pipe.owner;
  const int fd = pipe.stream.fd();
  const bool had_held = !pipe.stream.held().empty();
  const auto state = pipe.stream.pump(t.log, *t.masker, (events & (EPOLLHUP | EPOLLERR)) != 0);
  if (had_held && pipe.stream.held().empty()) {
    const auto index = std::find_if(t.pipes.begin(), t.pipes.end(), [&](const auto& p) { return p.get() == &pipe; });
    keeper_.held(t.id, static_cast<std::size_t>(index - t.pipes.begin()), {});
  }
  if (state == LogStream::State::rest && !pipe.has_rest) {
    pipe.has_rest = true;
    rests_.push_back(&pipe);
    arm_rest_timer();
  }
  if (state == LogStream::State::stuck) come_again(pipe, (events & (EPOLLHUP | EPOLLERR)) != 0);
  if (state == LogStream::State::ended) {
    std::erase_if(stuck_, [&](const Stuck& stuck) { return stuck.pipe == &pipe; });
    loop_.unwatch(fd);
    pipe.stream.close();
    std::erase(rests_, &pipe);
    if (!t.output_ended()) return;
    t.log.end();
    on_ended_(t);
  }
}

void LogReader::come_again(LogPipe& pipe, bool hung_up) {
  const auto there = std::ranges::find(stuck_, &pipe, &Stuck::pipe);
  if (there != stuck_.end()) {
    there->hung_up |= hung_up;
    return;
  }
  stuck_.push_back({&pipe, hung_up});
  if (std::exchange(stuck_timer_, true)) return;
  loop_.after(full_disk_time, [this] {
    stuck_timer_ = false;
    // One after the other, because the end of one may close its try with others: close() takes those out.
    std::size_t left = stuck_.size();
    while (left-- > 0 && !stuck_.empty()) {
      const Stuck first = stuck_.front();
      stuck_.erase(stuck_.begin());
      on_ready(*first.pipe, first.hung_up ? static_cast<std::uint32_t>(EPOLLHUP) : 0U);
    }
  });
}

void LogReader::arm_rest_timer() {
  if (std::exchange(rest_timer_, true)) return;
  loop_.after(rest_time, [this] { take_rests(); });
}

void LogReader::take_rests() {
  rest_timer_ = false;
  struct Rest {
    LogPipe* pipe;
    std::string bytes;
  };
  std::vector<Rest> taken;
  for (LogPipe* pipe : std::exchange(rests_, {})) {
    pipe->has_rest = false;
    std::string rest = pipe->stream.peek_rest();
    if (rest.empty()) continue;
    if (rest.find('\n') != std::string::npos) continue;  // its event is on the way
    const auto& pipes = pipe->owner.pipes;
    const auto index = std::find_if(pipes.begin(), pipes.end(), [&](const auto& p) { return p.get() == pipe; });
    keeper_.held(pipe->owner.id, static_cast<std::size_t>(index - pipes.begin()), pipe->stream.held() + rest);
    taken.push_back({pipe, std::move(rest)});
  }
  if (taken.empty()) return;
  keeper_.flush();
  for (const Rest& rest : taken) rest.pipe->stream.take_rest(rest.bytes);
}

void LogReader::pump(Try& t) {
  for (std::size_t i = 0; i < t.pipes.size(); ++i) {  // the last one's end may close the try
    if (!t.pipes[i]->stream.ended()) on_ready(*t.pipes[i], 0);
  }
}

void LogReader::note(Try& t, std::string_view level, std::string_view event) {
  std::string line;
  append_record(line, level, t.masker ? t.masker->mask(event) : std::string(event), "venturi.worker");
  t.log.append_always(line);
}

std::string LogReader::last_line_of_stdout(Try& t) {
  for (const auto& pipe : t.pipes) {
    if (pipe->stream.kind() != LogKind::out) continue;
    if (!pipe->stream.ended()) on_ready(*pipe, 0);
    return pipe->stream.last_line();
  }
  return {};
}

void LogReader::close(Try& t) {
  for (const auto& pipe : t.pipes) {
    if (!pipe->stream.ended()) loop_.unwatch(pipe->stream.fd());
    std::erase(rests_, pipe.get());
    std::erase_if(stuck_, [&](const Stuck& stuck) { return stuck.pipe == pipe.get(); });
  }
  t.pipes.clear();
  t.log.end();
  keeper_.close(t.id);
}

}  // namespace venturi::worker
