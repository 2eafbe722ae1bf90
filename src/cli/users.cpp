// `users`: who may log in to the REST API and the pages. The home's own user is admin, whose password is a file; the others
// are lines of another (home/users.h). A server that runs goes by what is there now.
#include <algorithm>

#include "base/random.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/secret_files.h"
#include "cli/user.h"
#include "home/small_file.h"
#include "home/users.h"
#include "server/command_client.h"

namespace venturi::cli {
namespace {

constexpr std::size_t password_length = 32, shortest_password = 8, longest_name = 250;

std::string password_file(const Home& home) {
  return (home.root / "admin_password").string();
}

// Airflow's FAB writes them with a capital: Viewer.
std::string role_of(const Arguments& arguments) {
  std::string role = arguments.text("role");
  if (!role.empty() && role[0] >= 'A' && role[0] <= 'Z') role[0] = static_cast<char>(role[0] - 'A' + 'a');
  return role;
}

struct NewPassword {
  std::string text;
  bool is_made = false;  // here, so that nobody knows it yet
};
Result<NewPassword> new_password(const Arguments& arguments, const std::string& user) {
  if (arguments.has("use-random-password")) return NewPassword{random_password(password_length), true};
  const bool is_piped = arguments.has("password");
  auto password = is_piped ? read_input("-") : ask_secret("New password of " + user);
  if (!password) return std::unexpected(std::move(password.error()));
  const std::string where = is_piped ? "stdin" : "";
  if (password->size() < shortest_password)
    return fail(ErrorKind::invalid, "the password is too short", where, "give at least 8 characters");
  if (password->find_first_of(" \t\r\n") != std::string::npos)
    return fail(ErrorKind::invalid, "the password has blanks or line feeds in it", where, "give one line without blanks");
  return NewPassword{std::move(*password), false};
}

Error no_such_user(const std::string& name) {
  return {ErrorKind::not_found, "there is no user " + name, "", "see: venturi users list"};
}

std::string told_once(const NewPassword& password) {
  return password.is_made ? "The password, which is shown this once: " + password.text + "\n" : "";
}

Result<void> check_password_option(const Arguments& arguments) {
  const std::string command = "venturi " + arguments.command().words();
  const auto password = arguments.maybe("password");
  if (password && *password != "-") {
    return fail(ErrorKind::denied, "everybody on this machine can read the arguments of a process", command + " --password",
                "give - and the password on stdin, or --use-random-password, or neither: then it is asked for");
  }
  if (password && arguments.has("use-random-password"))
    return fail(ErrorKind::invalid, "--password and --use-random-password are two ways to say it", command, "give one of them");
  return {};
}

Result<void> check_username(const Arguments& arguments) {
  if (arguments.has("username")) return {};
  return fail(ErrorKind::invalid, "--username is missing", "venturi " + arguments.command().words(),
              "see: venturi " + arguments.command().words() + " --help");
}

// Into the event log, never with the password. Before the change: a change that it does not have would be worse than one that
// it has and that did not come about.
Result<void> write_down(const Arguments& arguments, const OpenedHome& opened, const std::string& user,
                        const std::string& role) {
  Object command{{"command", arguments.command().words()}, {"username", user}};
  if (!role.empty()) command.set("role", role);
  const auto told = server::run_command(opened.home, opened.config, command);
  if (!told) return std::unexpected(told.error());
  return {};
}

Result<int> reset_admin(const Arguments& arguments, const OpenedHome& opened) {
  if (const auto setting = opened.config.setting("api", "admin_password"); setting && !setting->text.empty()) {
    return fail(ErrorKind::conflict, "the password of admin is a setting", setting->source,
                "change it there, and restart the server");
  }
  const auto password = new_password(arguments, "admin");
  if (!password) return std::unexpected(password.error());
  if (auto told = write_down(arguments, opened, std::string(home_admin), {}); !told)
    return std::unexpected(std::move(told.error()));
  const std::string file = password_file(opened.home);
  if (auto written = write_private_file(file, password->text + "\n"); !written)
    return std::unexpected(std::move(written.error()));
  print("The password of admin is new; it is in " + file + ". Tokens that were given out before are good until they expire.\n");
  return exit_done;
}

}  // namespace

Result<int> users_list(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const auto users = read_users(opened->home);
  if (!users) return std::unexpected(users.error());
  Rows rows{{"username", "role", "password_file"}, {{home_admin, "admin", password_file(opened->home)}}};
  for (const User& user : *users) rows.rows.push_back({user.name, user.role, Value()});
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<void> check_users_create(const Arguments& arguments) {
  if (auto named = check_username(arguments); !named) return named;
  const std::string name = arguments.text("username"), where = "venturi users create";
  const bool is_plain = std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; });
  if (name.empty() || name.size() > longest_name || !is_plain)
    return fail(ErrorKind::invalid, "a name has from 1 to 250 characters, and no blanks", where + " --username");
  if (!arguments.has("role"))
    return fail(ErrorKind::invalid, "--role is missing", where, "give one of: viewer, user, op, admin");
  if (std::ranges::find(user_roles, role_of(arguments)) == user_roles.end())
    return fail(ErrorKind::invalid, "there is no role " + arguments.text("role"), where + " --role",
                "give one of: viewer, user, op, admin");
  return check_password_option(arguments);
}

Result<int> users_create(const Arguments& arguments) {
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string name = arguments.text("username"), role = role_of(arguments);
  const auto check_new = [&name](const std::vector<User>& users) -> Result<void> {
    if (name != home_admin && std::ranges::find(users, name, &User::name) == users.end()) return {};
    return fail(ErrorKind::conflict, "there is a user " + name + " already", "",
                "see: venturi users list; of another role it is after: venturi users delete");
  };
  // Before anybody is asked for a password.
  const auto users = read_users(opened->home);
  if (!users) return std::unexpected(users.error());
  if (const auto is_new = check_new(*users); !is_new) return std::unexpected(is_new.error());
  const auto password = new_password(arguments, name);
  if (!password) return std::unexpected(password.error());
  if (auto told = write_down(arguments, *opened, name, role); !told) return std::unexpected(std::move(told.error()));
  const auto changed = change_users(opened->home, [&](std::vector<User>& all) -> Result<void> {
    if (auto is_new = check_new(all); !is_new) return is_new;
    all.push_back({name, role, hash_of_password(password->text)});
    return {};
  });
  if (!changed) return std::unexpected(changed.error());
  print("The user " + name + " is there, with the role " + role + ".\n" + told_once(*password));
  return exit_done;
}

Result<void> check_users_delete(const Arguments& arguments) {
  return check_username(arguments);
}

Result<int> users_delete(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string name = arguments.text("username");
  if (name == home_admin)
    return fail(ErrorKind::denied, "admin is the user that every home has", "",
                "give it another password: venturi users reset-password");
  const auto users = read_users(opened->home);
  if (!users) return std::unexpected(users.error());
  const auto found = std::ranges::find(*users, name, &User::name);
  if (found == users->end()) return std::unexpected(no_such_user(name));
  if (auto told = write_down(arguments, *opened, name, found->role); !told) return std::unexpected(std::move(told.error()));
  const auto changed = change_users(opened->home, [&](std::vector<User>& all) -> Result<void> {
    if (std::erase_if(all, [&](const User& user) { return user.name == name; }) > 0) return {};
    return std::unexpected(no_such_user(name));
  });
  if (!changed) return std::unexpected(changed.error());
  print("The user " + name + " is gone, and its tokens are good no more.\n");
  return exit_done;
}

Result<void> check_users_reset_password(const Arguments& arguments) {
  if (auto named = check_username(arguments); !named) return named;
  return check_password_option(arguments);
}

Result<int> users_reset_password(const Arguments& arguments) {
  const auto opened = open_or_make_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string name = arguments.text("username");
  if (name == home_admin) return reset_admin(arguments, *opened);
  const auto users = read_users(opened->home);
  if (!users) return std::unexpected(users.error());
  if (std::ranges::find(*users, name, &User::name) == users->end()) return std::unexpected(no_such_user(name));
  const auto password = new_password(arguments, name);
  if (!password) return std::unexpected(password.error());
  if (auto told = write_down(arguments, *opened, name, {}); !told) return std::unexpected(std::move(told.error()));
  const auto changed = change_users(opened->home, [&](std::vector<User>& all) -> Result<void> {
    const auto found = std::ranges::find(all, name, &User::name);
    if (found == all.end()) return std::unexpected(no_such_user(name));
    found->password_hash = hash_of_password(password->text);
    return {};
  });
  if (!changed) return std::unexpected(changed.error());
  print("The password of " + name + " is new. Tokens that were given out before are good until they expire.\n" +
        told_once(*password));
  return exit_done;
}

}  // namespace venturi::cli
