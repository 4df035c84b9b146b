//! The vault's errors in its ABI.

use ringfence_platform::list_errors;

ringfence_protocol::each_vault_error!(list_errors);
