#include "seeds/runner.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <new>
#include <string_view>
#include <system_error>

#include "seeds/world.h"

namespace venturi::seeds {

namespace {

// What parent and child both see.
struct Shared {
  std::uint64_t seed = 0, seeds = 0;
};

[[noreturn]] void play_in_child(const std::function<std::optional<std::uint64_t>()>& next, bool is_told_at_once, Shared& shared,
                                int out) {
  while (const auto seed = next()) {
    shared.seed = *seed;
    ++shared.seeds;
    const auto failure = World(*seed, Parts(), is_told_at_once).run();
    if (!failure) continue;
    std::string_view text = failure->text;
    while (!text.empty()) {
      const ssize_t n = ::write(out, text.data(), text.size());
      if (n <= 0) break;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    break;
  }
  std::fflush(stdout);
  ::_exit(0);
}

std::string read_all(int in) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = ::read(in, buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  return text;
}

}  // namespace

Played play(const std::function<std::optional<std::uint64_t>()>& next, bool is_told_at_once) {
  void* page = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  std::array<int, 2> pipe{};
  if (page == MAP_FAILED || ::pipe(pipe.data()) != 0) throw std::system_error(errno, std::generic_category(), "seeds");
  auto& shared = *new (page) Shared;
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    ::close(pipe[0]);
    play_in_child(next, is_told_at_once, shared, pipe[1]);
  }
  ::close(pipe[1]);
  Played played{.failure = read_all(pipe[0])};
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  played.seeds = shared.seeds;
  if (played.failure.empty() && status != 0) {
    played.failure = fmt::format("Seed {} ended its process: {} {}\nRepeat it: make seeds SEED={}\n", shared.seed,
                                 WIFSIGNALED(status) ? "signal" : "exit code",
                                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), shared.seed);
  }
  ::munmap(page, sizeof(Shared));
  return played;
}

}  // namespace venturi::seeds
