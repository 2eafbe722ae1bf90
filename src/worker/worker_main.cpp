// venturi-worker: runs tasks for the server of a home. Started by `venturi worker` or by the server; see keeper.h.
#include <cstdio>
#include <exception>
#include <span>

#include "worker/keeper.h"
#include "worker/keeper_link.h"
#include "worker/supervisor.h"

int main(int argc, char** argv) {
  using namespace venturi::worker;
  try {
    const Options options = parse_options(std::span<const char* const>(argv + 1, static_cast<std::size_t>(argc - 1)));
    if (!options.supervisor) return run_keeper(options);
    Supervisor(options, venturi::Fd(keeper_fd)).run();
    return 0;
  } catch (const OptionError& e) {
    std::fprintf(stderr, "venturi-worker: %s\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "venturi-worker: %s\n", e.what());
    return 4;
  }
}
