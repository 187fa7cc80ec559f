mod restart;
