//! The ERC-20 interface of the asset precompile, with the derives that assertions need. A test holds it against the
//! interface the precompile itself is built from.

alloy_sol_types::sol! {
    /// ERC-20 with metadata, as the asset precompile answers it. Amounts are in base units.
    #[sol(all_derives)]
    interface IERC20 {
        /// `value` moved from `from` to `to`. Dust that moved along is not in it.
        event Transfer(address indexed from, address indexed to, uint256 value);
        /// `owner` lets `spender` spend `value`.
        event Approval(address indexed owner, address indexed spender, uint256 value);

        /// All of the asset in existence.
        function totalSupply() external view returns (uint256);
        /// What `account` holds.
        function balanceOf(address account) external view returns (uint256);
        /// Moves `value` of the caller's balance to `to`.
        function transfer(address to, uint256 value) external returns (bool);
        /// What `spender` may still spend of what `owner` holds.
        function allowance(address owner, address spender) external view returns (uint256);
        /// Sets what `spender` may spend of the caller's balance. Reserves a native deposit from the caller.
        function approve(address spender, uint256 value) external returns (bool);
        /// Moves `value` from `from` to `to` out of the caller's allowance.
        function transferFrom(address from, address to, uint256 value) external returns (bool);
        /// The name of the asset.
        function name() external view returns (string);
        /// The symbol of the asset.
        function symbol() external view returns (string);
        /// Decimals of one whole token.
        function decimals() external view returns (uint8);
        /// Sets an allowance with the owner's EIP-712 signature instead of its call (EIP-2612). `deadline` in seconds.
        function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
            external;
        /// The nonce the next permit of `owner` must carry.
        function nonces(address owner) external view returns (uint256);
        /// The EIP-712 domain of permits.
        function DOMAIN_SEPARATOR() external view returns (bytes32);
    }
}
