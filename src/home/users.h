// Who may log in to the REST API and the pages beside the admin, whose password is a secret of the home (secrets.h): the file
// `users` of the home, a line for each.
//
//   ada viewer scrypt:14:8:5:SALT:HASH        name, role, what is kept of the password
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "home/home.h"

namespace venturi {

// Those of Airflow's simple auth manager: each may do what the ones before it may.
inline constexpr std::array<std::string_view, 4> user_roles{"viewer", "user", "op", "admin"};
// The user that every home has.
inline constexpr std::string_view home_admin = "admin";

struct User {
  std::string name, role, password_hash;
};

// In the order of their names; empty where the home has no such file. It is read by every log-in and every request of such a
// user, so that a change counts at once.
[[nodiscard]] Result<std::vector<User>> read_users(const Home& home);
// Reads them, and writes what `change` made of them, unless it is an error. Waits for others who do the same.
[[nodiscard]] Result<void> change_users(const Home& home, const std::function<Result<void>(std::vector<User>&)>& change);

// Takes some tenths of a second, and 16 MiB: so does each guess of somebody who got hold of the file.
[[nodiscard]] std::string hash_of_password(std::string_view password);
[[nodiscard]] bool is_password_of(std::string_view hash, std::string_view password);

}  // namespace venturi
