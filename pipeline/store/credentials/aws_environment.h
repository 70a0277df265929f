// The variables that every AWS tool knows, as they are set. Read in server/config.cc and passed down.
#pragma once

#include <string>

#include "pipeline/secret.h"

namespace cistern {

// Empty: not set.
struct AwsEnvironment {
  std::string access_key_id{};            // AWS_ACCESS_KEY_ID
  Secret secret_access_key{};             // AWS_SECRET_ACCESS_KEY
  Secret session_token{};                 // AWS_SESSION_TOKEN, or its old name AWS_SECURITY_TOKEN
  std::string web_identity_token_file{};  // AWS_WEB_IDENTITY_TOKEN_FILE
  std::string role_arn{};                 // AWS_ROLE_ARN
  std::string role_session_name{};        // AWS_ROLE_SESSION_NAME
  std::string profile{};                  // AWS_PROFILE, or AWS_DEFAULT_PROFILE
  std::string config_file{};              // AWS_CONFIG_FILE
  std::string shared_credentials_file{};  // AWS_SHARED_CREDENTIALS_FILE
  std::string home{};                     // HOME: what ~ stands for
  std::string container_relative_uri{};   // AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  std::string container_full_uri{};       // AWS_CONTAINER_CREDENTIALS_FULL_URI
  Secret container_token{};               // AWS_CONTAINER_AUTHORIZATION_TOKEN
  std::string container_token_file{};     // AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
  std::string metadata_disabled{};        // AWS_EC2_METADATA_DISABLED
  std::string metadata_endpoint{};        // AWS_EC2_METADATA_SERVICE_ENDPOINT
  std::string metadata_endpoint_mode{};   // AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE
  std::string sts_endpoint{};             // AWS_ENDPOINT_URL_STS, or AWS_ENDPOINT_URL
  std::string ca_bundle{};                // AWS_CA_BUNDLE
};

}  // namespace cistern
