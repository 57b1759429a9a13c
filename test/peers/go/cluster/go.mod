module ipfs-kit-peers/cluster

go 1.26.2
