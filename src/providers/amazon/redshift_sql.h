// The statements by which Redshift itself fetches from S3 and writes there, as Airflow's transfers build them. They have the
// credentials for S3 in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "providers/amazon/aws_signature.h"

namespace venturi::providers {

// What stands in the quotes behind CREDENTIALS.
[[nodiscard]] std::string credentials_clause(const AwsCredentials& credentials);
[[nodiscard]] std::string credentials_clause_of_role(std::string_view role_arn);

struct RedshiftTable {
  std::string schema, table;  // as SQL has them: quoted where they need it
  [[nodiscard]] std::string text() const { return schema.empty() ? table : schema + "." + table; }
};

struct CopyStatement {
  RedshiftTable table;
  std::vector<std::string> columns = {};
  std::string bucket, key;  // a prefix: all objects below it
  std::string credentials;
  std::string region = {};  // empty: the cluster's
  std::vector<std::string> options = {};
};
// How the rows get into the table; the statements of a list are to be one transaction.
enum class CopyMethod : std::uint8_t { append, replace, upsert };
[[nodiscard]] std::vector<std::string> copy_statements(const CopyStatement& copy, CopyMethod method,
                                                       const std::vector<std::string>& keys);
// The columns of the table's primary key, a row each.
[[nodiscard]] std::string primary_key_query(const RedshiftTable& table);

struct UnloadStatement {
  std::string query;
  std::string bucket, key;
  std::string credentials;
  std::vector<std::string> options = {};
};
[[nodiscard]] std::string unload_statement(const UnloadStatement& unload);

// Servers repeat statements in their errors, cut off anywhere: each piece of a secret of six characters and more becomes ***.
[[nodiscard]] std::string without_fragments(std::string text, const std::vector<std::string>& secrets);

}  // namespace venturi::providers
