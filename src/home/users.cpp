#include "home/users.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <sstream>

#include "base/crypto.h"
#include "base/fd.h"
#include "base/random.h"
#include "home/file_error.h"
#include "home/small_file.h"

namespace venturi {
namespace {

constexpr unsigned scrypt_log_n = 14, scrypt_r = 8, scrypt_p = 5;  // OWASP's figures for 16 MiB
constexpr std::size_t salt_bytes = 16, largest_file = std::size_t{4} << 20U;

std::filesystem::path users_file(const Home& home) {
  return home.root / "users";
}

// Beyond these a hash is none that was made here, and would take memory and time without end.
std::optional<unsigned> number(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0 || value > most) return std::nullopt;
  return value;
}

}  // namespace

Result<std::vector<User>> read_users(const Home& home) {
  const auto file = users_file(home);
  const auto content = read_small_file(file, largest_file);
  if (!content) return std::unexpected(content.error());
  std::vector<User> users;
  std::istringstream lines(content->value_or(""));
  int line_number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++line_number;
    std::istringstream words(line);
    User user;
    std::string more;
    const bool is_whole = static_cast<bool>(words >> user.name >> user.role >> user.password_hash) && !(words >> more);
    if (!is_whole || std::ranges::find(user_roles, user.role) == user_roles.end())
      return fail(ErrorKind::corrupt, "line " + std::to_string(line_number) + " is not of the form NAME ROLE HASH",
                  file.string(), "put the file back from a backup, or remove the line");
    users.push_back(std::move(user));
  }
  return users;
}

Result<void> change_users(const Home& home, const std::function<Result<void>(std::vector<User>&)>& change) {
  // The file itself is replaced, so that it is no file to lock.
  const Fd folder(::open(home.run().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return std::unexpected(file_error(errno, "cannot open the folder", home.run()));
  while (::flock(folder.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return std::unexpected(file_error(errno, "cannot lock the folder", home.run()));
  }
  auto users = read_users(home);
  if (!users) return std::unexpected(std::move(users.error()));
  if (auto changed = change(*users); !changed) return changed;
  std::ranges::sort(*users, {}, &User::name);
  std::string content;
  for (const User& user : *users) content += user.name + " " + user.role + " " + user.password_hash + "\n";
  return write_private_file(users_file(home), content);
}

std::string hash_of_password(std::string_view password) {
  const std::string salt = random_bytes(salt_bytes);
  return "scrypt:" + std::to_string(scrypt_log_n) + ":" + std::to_string(scrypt_r) + ":" + std::to_string(scrypt_p) + ":" +
         base64url_encode(salt, false) + ":" +
         base64url_encode(scrypt(password, salt, scrypt_log_n, scrypt_r, scrypt_p), false);
}

bool is_password_of(std::string_view hash, std::string_view password) {
  std::array<std::string_view, 6> parts;
  for (std::string_view& part : parts) {
    const std::size_t end = std::min(hash.find(':'), hash.size());
    part = hash.substr(0, end);
    hash.remove_prefix(std::min(end + 1, hash.size()));
  }
  const auto n = number(parts[1], 17), blocks = number(parts[2], 8), passes = number(parts[3], 16);
  const auto salt = base64url_decode(parts[4]), kept = base64url_decode(parts[5]);
  if (parts[0] != "scrypt" || !hash.empty() || !n || !blocks || !passes || !salt || !kept) return false;
  return equal_in_constant_time(scrypt(password, *salt, *n, *blocks, *passes), *kept);
}

}  // namespace venturi
