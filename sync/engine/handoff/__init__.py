"""Hand-offs: a lead that enters a stage is given to somebody, in a chat, and they answer there."""
