// A DAG program for the worker's tests of light tasks: its tasks do what their task_id says.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <thread>

#include <venturi/dag.h>

using namespace venturi;

namespace {

std::string in_files(const Context& context, const std::string& name) {
  return context.run_dir() + "/" + name;
}
void touch(const Context& context, const std::string& name) {
  std::ofstream(in_files(context, name), std::ios::app) << ::getpid() << "\n" << std::flush;
}
void wait_for(const Context& context, const std::string& name) {
  while (::access(in_files(context, name).c_str(), F_OK) != 0 && !context.is_cancelled())
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

}  // namespace

VENTURI_DAG(d, {.default_args = {.light = true}}) {
  dag.task("hello", [](const Context& context) {
    touch(context, "bodies");
    context.log().info("hello with pass-the-word");
    return std::int64_t{42};
  });
  dag.task("secret", [](const Context& context) {
    const std::string password = context.get_connection("test_db").password;
    context.log().info("the password is ", password);
    std::printf("printed %s and pass-the-word\n", password.c_str());
    std::fflush(stdout);
  });
  dag.task("wait", [](const Context& context) {
    touch(context, "bodies");
    wait_for(context, "go");
    (void)context.get_variable("x", "");  // throws once it is cancelled
  });
  dag.task("hold", [](const Context& context) {
    touch(context, "bodies");
    wait_for(context, "go");
  });
  dag.task("deaf", [](const Context& context) {
    touch(context, "deaf");
    for (;;) ::pause();
  });
  dag.task("crash", [](const Context& context) {
    context.log().info("about to crash");
    std::printf("last words");
    std::fflush(stdout);
    std::raise(SIGSEGV);
  });
  dag.task("exit", [] { ::_exit(3); });
  dag.task("callback", [](const Context& context) { touch(context, "bodies"); },
           {.on_success_callback = [](const CallbackContext& context) { context.log().info("it is done"); }});
}
