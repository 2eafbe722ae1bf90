// Who may log in: what the home's users are is a file (home/users.h) that the command line changes itself, so that no password
// comes here; the event log has it from here. And the tokens of those who logged out.
#include <utility>

#include "server/commands.h"

namespace venturi::server {

void Commands::revoke_tokens(const Value& command, const OnResult& on_result) {
  std::vector<store::RevokedToken> tokens;
  for (const Value& token : command.at("tokens").as_array()) {
    const auto until = parse_time(token.at("until").as_string());
    if (!until) return on_result(fail(ErrorKind::invalid, "this is no date", "until"));
    tokens.push_back({token.at("id").as_string(), *until});
  }
  auto& rows = scheduler_.writes().revoked_tokens;
  rows.insert(rows.end(), tokens.begin(), tokens.end());
  done(on_result);
}

// Its row of the event log is all that there is to write.
void Commands::tell_of_user(const Value& command, const OnResult& on_result) {
  (void)command.at("username").as_string();
  done(on_result);
}

}  // namespace venturi::server
