// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

/// Pays many people in one transaction, for one owner, and keeps nothing.
///
/// What one receiver does harms no other: its call has capped gas, nothing of what it returns is looked at, and where it
/// fails, that alone is undone. Each payout that was tried has exactly one event, and its coins are with its receiver or
/// back with the owner when the transaction ends. Nobody can change the contract or its owner.
contract MultiSend {
    struct Payout {
        bytes32 id;
        address to;
        uint256 value;
    }

    event Paid(bytes32 indexed batch, bytes32 indexed payout);
    event Failed(bytes32 indexed batch, bytes32 indexed payout);

    /// What the code of a receiver may use, beside the 2,300 that come with any value. A Safe needs less than 10,000.
    uint256 private constant CALL_GAS = 50_000;

    /// Enough for one more call with all of CALL_GAS, in spite of the 64th that EIP-150 keeps back, and for the end.
    /// Otherwise who sends too little gas would decide which receivers fail.
    uint256 private constant GAS_FOR_ONE = 85_000;

    address private immutable OWNER;

    /// Of each batch a bit for each payout that was tried, 256 of them in a word.
    mapping(bytes32 batch => mapping(uint256 word => uint256 bits)) private tried;

    constructor(address owner) {
        OWNER = owner;
    }

    /// Pays each payout that this batch has not tried before; its place in the list is what it is known by.
    ///
    /// Returns a bit for each payout that was paid now, as a simulation wants to know it.
    function multiSend(bytes32 batch, Payout[] calldata payouts) external payable returns (uint256[] memory paid) {
        require(msg.sender == OWNER);
        mapping(uint256 word => uint256 bits) storage words = tried[batch];
        paid = new uint256[]((payouts.length + 255) >> 8);
        for (uint256 i = 0; i < payouts.length; ++i) {
            uint256 bits = words[i >> 8];
            uint256 bit = 1 << (i & 255);
            if (bits & bit != 0) continue;
            // Before the call: whatever happens in it, this place of the batch is used up.
            words[i >> 8] = bits | bit;
            require(gasleft() >= GAS_FOR_ONE);
            if (_pay(payouts[i].to, payouts[i].value, CALL_GAS)) {
                paid[i >> 8] |= bit;
                emit Paid(batch, payouts[i].id);
            } else {
                emit Failed(batch, payouts[i].id);
            }
        }
        uint256 rest = address(this).balance;
        require(rest == 0 || _pay(OWNER, rest, gasleft()));
    }

    /// Copies nothing of what the call returns: that could cost as much gas as there is.
    function _pay(address to, uint256 value, uint256 callGas) private returns (bool done) {
        assembly ("memory-safe") {
            done := call(callGas, to, value, 0, 0, 0, 0)
        }
    }
}
