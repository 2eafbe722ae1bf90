// The program venturi-operators, which the worker starts.
//   venturi-operators --venturi-warm      the host of all operators that wait (control socket on descriptor 0)
//   venturi-operators --venturi-movers    the process that forks for operators that move data (such a socket too)
//   venturi-operators --venturi-test-connection   see providers/test_connection.h
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "net/http_client.h"
#include "operators/descriptor_table.h"
#include "operators/host.h"
#include "operators/movers.h"
#include "operators/render.h"
#include "providers/register_all.h"
#include "providers/test_connection.h"

int main(int argc, char** argv) {
  using namespace venturi;
  const std::string_view what = argc == 2 ? argv[1] : "";
  if (what == "--version") {
    std::printf("venturi-operators %s\n", VENTURI_VERSION);
    return 0;
  }
  if (what != "--venturi-warm" && what != "--venturi-movers" && what != "--venturi-test-connection") {
    std::fprintf(stderr,
                 "venturi-operators: this program is started by venturi-worker, with --venturi-warm or --venturi-movers and a "
                 "control socket on descriptor 0\n");
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  try {
    operators::Registry registry;
    providers::register_all(registry);
    if (what == "--venturi-test-connection") return providers::run_connection_test(registry);
    operators::register_render(registry);
    if (what == "--venturi-movers") return operators::serve_movers(registry, Fd(0));
    operators::grow_descriptor_table();
    operators::Host host(registry, Fd(0));
    net::run_http_on(host.executor("the HTTP client"));
    return host.run();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "venturi-operators: %s\n", e.what());
    return 1;
  }
}
