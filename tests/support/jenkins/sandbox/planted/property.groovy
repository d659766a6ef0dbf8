// method java.lang.String getBytes
''.bytes
