#include "worker/light_pool.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/errno_error.h"

namespace venturi::worker {
namespace {

constexpr std::size_t longest_printed = 16 << 10;

}  // namespace

LightPool::LightPool(EventLoop& loop, Children& children, const Spawner& spawner, const Options& options, Events events)
    : loop_(loop), children_(children), spawner_(spawner), options_(options), events_(std::move(events)) {}

LightPool::~LightPool() {
  if (idle_timer_ != 0) loop_.cancel(idle_timer_);
  for (const auto& process : processes_) {
    if (process->output) loop_.unwatch(process->output.get());
    process->host->kill_host();
  }
}

std::string LightPool::enter(Try& t, const std::string& name) {
  const auto file = program_file(t.program);
  if (!file) return errno_error("the program " + t.program).what();
  LightProcess* process = find(t.program, *file);
  if (process == nullptr) {
    if (std::string error = make(t, name, *file); !error.empty()) return error;
    process = processes_.back().get();
  }
  ++t.launches;
  t.light = process;
  process->tries.insert(&t);
  if (!t.secrets.empty()) mask(t, t.secrets);
  return {};
}

void LightPool::start(Try& t, Fd log) {
  t.light->host->send_packed(t.start_message, std::move(log));
}

LightProcess* LightPool::find(const std::string& program, const ProgramFile& file) {
  for (const auto& process : processes_) {
    if (process->retired || process->program != program) continue;
    if (process->file == file) return process.get();
    retire(*process);  // the program was replaced
    break;
  }
  return nullptr;
}

std::string LightPool::make(const Try& t, const std::string& name, const ProgramFile& file) {
  make_room();
  auto process = std::make_unique<LightProcess>();
  LightProcess* const raw = process.get();
  raw->program = t.program;
  raw->name = name;
  raw->file = file;
  auto [output, their_output] = make_pipe();
  raw->host = std::make_unique<OperatorHost>(
      loop_, children_, spawner_, options_,
      OperatorHost::Kind{.path = t.program,
                         .arguments = {"--venturi-light=" + std::to_string(options_.light_threads)},
                         .name = "the light process of " + name,
                         .output = their_output.get()},
      OperatorHost::Events{.on_message = [this](const task::Frame& frame) { events_.on_message(frame); },
                           .on_died = [this, raw](const std::string& why, bool was_ready) { died(*raw, why, was_ready); }});
  if (std::string error = raw->host->ensure(); !error.empty()) return error;
  raw->output = std::move(output);
  set_non_blocking(raw->output.get());
  loop_.watch(raw->output.get(), EPOLLIN, [this, raw](std::uint32_t) { read_output(*raw); });
  processes_.push_back(std::move(process));
  return {};
}

// As many as there may be warm processes; where all are at work, one more for a while.
void LightPool::make_room() {
  if (processes_.size() < static_cast<std::size_t>(options_.warm_max)) return;
  LightProcess* oldest = nullptr;
  for (const auto& process : processes_) {
    if (process->retired || !process->tries.empty()) continue;
    if (oldest == nullptr || process->last_used < oldest->last_used) oldest = process.get();
  }
  if (oldest != nullptr) retire(*oldest);
}

void LightPool::retire(LightProcess& process) {
  process.retired = true;
  if (process.tries.empty()) process.host->kill_host();
}

void LightPool::send(Try& t, std::int64_t id, const Value& body, const Value& error) {
  if (t.light != nullptr) t.light->host->send(id, body, error);
}

void LightPool::mask(Try& t, const std::vector<std::string>& secrets) {
  if (t.light == nullptr) return;
  auto& known = t.light->secrets;
  const std::size_t before = known.size();
  for (const std::string& secret : secrets) {
    if (std::find(known.begin(), known.end(), secret) == known.end()) known.push_back(secret);
  }
  if (known.size() == before) return;
  read_output(*t.light);  // what was printed before could not hold it
  t.light->masker = std::make_unique<Masker>(known);
}

void LightPool::kill(Try& t, const std::string& because) {
  if (t.light == nullptr) return;
  t.light->retired = true;
  if (t.light->killed_because.empty()) t.light->killed_because = because;
  t.light->host->kill_host();
}

void LightPool::leave(Try& t) {
  LightProcess* const process = std::exchange(t.light, nullptr);
  if (process == nullptr) return;
  process->tries.erase(&t);
  if (!process->tries.empty()) return;
  process->last_used = std::chrono::steady_clock::now();
  if (process->retired) return retire(*process);
  arm_idle_timer();
}

void LightPool::flush() {
  dead_.clear();
  for (const auto& process : processes_) process->host->flush();
}

void LightPool::died(LightProcess& process, const std::string& why, bool was_ready) {
  const auto at = std::find_if(processes_.begin(), processes_.end(), [&](const auto& p) { return p.get() == &process; });
  if (at == processes_.end()) return;
  dead_.push_back(std::move(*at));
  processes_.erase(at);
  if (process.output) read_output(process);
  if (process.output) loop_.unwatch(process.output.get());
  process.output.reset();
  if (!process.line.empty()) print(process, process.line);
  Death death{.name = process.name, .why = why, .was_ready = was_ready, .tries = {process.tries.begin(), process.tries.end()}};
  if (!process.killed_because.empty()) death.why += ", since " + process.killed_because + ",";
  // In the order in which they came, whatever their addresses are.
  std::sort(death.tries.begin(), death.tries.end(), [](const Try* a, const Try* b) { return a->id < b->id; });
  for (Try* t : death.tries) t->light = nullptr;
  process.tries.clear();
  if (!death.tries.empty()) events_.on_died(death);
}

// ---- what it prints ------------------------------------------------------------------------------------------------------

void LightPool::read_output(LightProcess& process) {
  char buffer[16384];
  while (process.output) {
    const ssize_t n = ::read(process.output.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      loop_.unwatch(process.output.get());
      process.output.reset();
      return;
    }
    process.line.append(buffer, static_cast<std::size_t>(n));
    std::size_t start = 0;
    for (std::size_t end = 0; (end = process.line.find('\n', start)) != std::string::npos; start = end + 1) {
      print(process, std::string_view(process.line).substr(start, end - start));
    }
    process.line.erase(0, start);
    if (process.line.size() < longest_printed) continue;
    print(process, process.line);
    process.line.clear();
  }
}

void LightPool::print(const LightProcess& process, std::string_view line) const {
  std::fprintf(stderr, "%s (light): %s\n", process.name.c_str(), process.masker->mask(line).c_str());
}

// ---- its end without work ------------------------------------------------------------------------------------------------

void LightPool::arm_idle_timer() {
  if (idle_timer_ == 0) idle_timer_ = loop_.after(options_.warm_idle, [this] { end_idle(); });
}

void LightPool::end_idle() {
  idle_timer_ = 0;
  const auto now = std::chrono::steady_clock::now();
  auto next = std::chrono::steady_clock::duration::max();
  for (const auto& process : processes_) {
    if (process->retired || !process->tries.empty()) continue;  // leave() comes back here
    const auto unused = now - process->last_used;
    if (unused >= options_.warm_idle) {
      retire(*process);
    } else {
      next = std::min<std::chrono::steady_clock::duration>(next, options_.warm_idle - unused);
    }
  }
  if (next == std::chrono::steady_clock::duration::max()) return;
  idle_timer_ = loop_.after(std::chrono::ceil<std::chrono::milliseconds>(next), [this] { end_idle(); });
}

}  // namespace venturi::worker
