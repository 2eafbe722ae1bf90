// `standalone`, `server`, `worker`.
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "api/api.h"
#include "base/event_loop.h"
#include "base/log.h"
#include "base/service_manager.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/programs.h"
#include "home/file_error.h"
#include "home/server_log.h"
#include "pages/pages.h"
#include "server/server.h"
#include "server/worker_process.h"

namespace venturi::cli {
namespace {

// What a service manager hears while the server runs, and what it may ask for.
class ManagedService {
 public:
  ManagedService(EventLoop& loop, server::ServerOptions& options) : loop_(loop) {
    if (!manager_.is_there()) return;
    options.on_signal = [this](int) {
      manager_.stopping();
      server_->drain();
    };
    options.on_reload = [this](bool is_done) { is_done ? manager_.ready() : manager_.reloading(); };
  }
  // Once the server answers.
  void ready(server::Server& server) {
    server_ = &server;
    manager_.ready();
    keep_alive();
  }

 private:
  // From the loop: when that is stuck, so is the server.
  void keep_alive() {
    const auto interval = manager_.watchdog_interval();
    if (!interval) return;
    manager_.keep_alive();
    loop_.after(*interval, [this] { keep_alive(); });
  }

  EventLoop& loop_;
  const ServiceManager manager_ = ServiceManager::take_from_environment();
  server::Server* server_ = nullptr;
};

std::string ready_text(const OpenedHome& opened, const HomeSecrets& secrets, const std::string& url) {
  const std::string password_file = (opened.home.root / "admin_password").string();
  std::string text = "Venturi " VENTURI_VERSION " is ready\n";
  text += "  home            " + opened.home.root.string() + "\n";
  text += "  DAGs folder     " + opened.config.path("core.dags_folder").string() + "\n";
  text += "  socket          " + opened.home.server_socket().string() + "\n";
  text += "  pages, REST API " + url + "   (user admin)\n";
  if (const auto given = opened.config.setting("api", "admin_password"); given && !given->text.empty()) {
    text += "  admin password  as " + given->source + " has it\n";
  } else if (secrets.admin_password_is_new) {
    text += "  admin password  " + secrets.admin_password + "   (shown this once; kept in " + password_file + ")\n";
  } else {
    text += "  admin password  in " + password_file + "\n";
  }
  return text;
}

// One line, whatever their number: the same environment may start Airflow.
void tell_ignored(const Config& config) {
  if (config.ignored().empty()) return;
  std::string names;
  for (const Config::Ignored& ignored : config.ignored()) names += (names.empty() ? "" : ", ") + ignored.name;
  log_info("settings of Airflow's that are not used here: " + names + " (see: venturi config list --ignored)");
}

// They would end the process by default; the server takes them once it runs (Server::run), those that came before too.
void block_signals() {
  sigset_t mask;
  sigemptyset(&mask);
  for (const int signal : {SIGHUP, SIGUSR1}) sigaddset(&mask, signal);
  ::sigprocmask(SIG_BLOCK, &mask, nullptr);
}

Result<int> serve(bool is_standalone) {
  block_signals();
  auto opened = open_or_make_home();
  if (!opened) return std::unexpected(std::move(opened.error()));
  set_log_name(is_standalone ? "standalone" : "server");
  set_up_log(opened->config, opened->home.root);
  tell_ignored(opened->config);
  server::ServerOptions options;
  if (is_standalone) {
    auto programs = find_programs();
    if (!programs) return std::unexpected(std::move(programs.error()));
    if (programs->operator_host.empty())
      log_warning("built-in operators cannot run: the program venturi-operators is not beside this one");
    options.standalone = true;
    options.worker_program = std::move(programs->worker);
    options.operator_host = std::move(programs->operator_host);
  }
  std::unique_ptr<net::HttpServer> http;
  options.before_start = [&]() -> Result<void> {
    auto listening = api::Api::listen(opened->config);
    if (!listening) return std::unexpected(std::move(listening.error()));
    http = std::move(*listening);
    return {};
  };
  EventLoop loop;
  ManagedService service(loop, options);
  auto server = server::Server::open(loop, opened->home, opened->config, std::move(options));
  if (!server) return std::unexpected(std::move(server.error()));
  auto api = api::Api::open(loop, **server, opened->home, opened->config, std::move(http));
  if (!api) return std::unexpected(std::move(api.error()));
  const auto pages = pages::Pages::open(**api, opened->home, opened->config);
  if (!pages) return std::unexpected(pages.error());
  print(ready_text(*opened, (*server)->secrets(), (*api)->url()));
  service.ready(**server);
  (*server)->run();
  return (*server)->was_cut_short() ? exit_failed : exit_done;
}

}  // namespace

Result<Programs> find_programs() {
  Programs programs{server::program_beside_this("venturi-worker"), server::program_beside_this("venturi-operators")};
  if (!programs.worker.empty()) return programs;
  return fail(ErrorKind::not_found, "the program venturi-worker, which runs tasks, is not beside this one", "/proc/self/exe",
              "install Venturi as a whole");
}

Result<int> standalone(const Arguments&) {
  return serve(true);
}
Result<int> server(const Arguments&) {
  return serve(false);
}

Result<int> worker(const Arguments&) {
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  auto programs = find_programs();
  if (!programs) return std::unexpected(std::move(programs.error()));
  std::vector<std::string> words =
      server::worker_command(opened->home, opened->config, programs->worker, programs->operator_host);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  return std::unexpected(file_error(errno, "cannot execute the program", programs->worker));
}

}  // namespace venturi::cli
