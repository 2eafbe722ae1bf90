// `users`: who may log in to the REST API. A home has one user, admin.
#include <unistd.h>

#include "base/random.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/secret_files.h"
#include "home/small_file.h"

namespace venturi::cli {
namespace {

constexpr std::size_t password_length = 32, shortest_password = 8;

Result<std::string> new_password(const Arguments& arguments) {
  if (arguments.text("password") != "-") return random_password(password_length);
  auto password = read_input("-");
  if (password && password->size() < shortest_password)
    return fail(ErrorKind::invalid, "the password is too short", "stdin", "give at least 8 characters");
  if (password && password->find_first_of(" \t\r\n") != std::string::npos)
    return fail(ErrorKind::invalid, "the password has blanks or line feeds in it", "stdin", "give one line without blanks");
  return password;
}

}  // namespace

Result<int> users_list(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  print(format_rows(
      {{"username", "role", "password_file"}, {{"admin", "admin", (opened->home.root / "admin_password").string()}}},
      output_format(arguments.text("output"))));
  return exit_done;
}

Result<void> check_users_reset_password(const Arguments& arguments) {
  const auto password = arguments.maybe("password");
  if (!password || *password == "-") return {};
  return fail(ErrorKind::denied, "everybody on this machine can read the arguments of a process",
              "venturi users reset-password --password", "give - and the password on stdin, or leave it out: then one is made");
}

// A server that runs reads the file at each log-in.
Result<int> users_reset_password(const Arguments& arguments) {
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string user = arguments.text("username");
  if (user != "admin") return fail(ErrorKind::not_found, "there is no user " + user, "", "the home has one user: admin");
  if (const auto setting = opened->config.setting("api", "admin_password"); setting && !setting->text.empty())
    return fail(ErrorKind::conflict, "the password of admin is a setting", setting->source,
                "change it there, and restart the server");
  const auto password = new_password(arguments);
  if (!password) return std::unexpected(password.error());
  const auto file = opened->home.root / "admin_password";
  if (auto written = write_private_file(file, *password + "\n"); !written) return std::unexpected(std::move(written.error()));
  print("The password of admin is new; it is in " + file.string() +
        ". Tokens that were given out before are good until they expire.\n");
  return exit_done;
}

}  // namespace venturi::cli
