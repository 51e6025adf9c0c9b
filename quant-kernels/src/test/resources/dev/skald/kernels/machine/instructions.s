# Known bytes for AssemblerTest, whose Javadoc says how to add to them.
.intel_syntax noprefix
# General instructions.
mov rax, rcx # 4889c8
add rax, rcx # 4801c8
sub rax, rcx # 4829c8
cmp rax, rcx # 4839c8
mov r8, rdx # 4989d0
add r8, rdx # 4901d0
sub r8, rdx # 4929d0
cmp r8, rdx # 4939d0
mov rbx, r15 # 4c89fb
add rbx, r15 # 4c01fb
sub rbx, r15 # 4c29fb
cmp rbx, r15 # 4c39fb
mov r12, r13 # 4d89ec
add r12, r13 # 4d01ec
sub r12, r13 # 4d29ec
cmp r12, r13 # 4d39ec
mov rsp, rbp # 4889ec
add rsp, rbp # 4801ec
sub rsp, rbp # 4829ec
cmp rsp, rbp # 4839ec
mov rax, 0 # 48c7c000000000
mov rdi, -1 # 48c7c7ffffffff
mov r9, 1 # 49c7c101000000
mov r15, 2147483647 # 49c7c7ffffff7f
mov rcx, -2147483648 # 48c7c100000080
add rax, 1 # 4883c001
add rcx, 127 # 4883c17f
add rdx, -128 # 4883c280
add r8, 64 # 4983c040
add rbx, 128 # 4881c380000000
add r14, -129 # 4981c67fffffff
add rsi, 2147483647 # 4881c6ffffff7f
add r13, -2147483648 # 4981c500000080
sub rax, 1 # 4883e801
sub rcx, 127 # 4883e97f
sub rdx, -128 # 4883ea80
sub r8, 64 # 4983e840
sub rbx, 128 # 4881eb80000000
sub r14, -129 # 4981ee7fffffff
sub rsi, 2147483647 # 4881eeffffff7f
sub r13, -2147483648 # 4981ed00000080
and rax, 1 # 4883e001
and rcx, 127 # 4883e17f
and rdx, -128 # 4883e280
and r8, 64 # 4983e040
and rbx, 128 # 4881e380000000
and r14, -129 # 4981e67fffffff
and rsi, 2147483647 # 4881e6ffffff7f
and r13, -2147483648 # 4981e500000080
cmp rax, 1 # 4883f801
cmp rcx, 127 # 4883f97f
cmp rdx, -128 # 4883fa80
cmp r8, 64 # 4983f840
cmp rbx, 128 # 4881fb80000000
cmp r14, -129 # 4981fe7fffffff
cmp rsi, 2147483647 # 4881feffffff7f
cmp r13, -2147483648 # 4981fd00000080
shl rax, 3 # 48c1e003
shl rbx, 63 # 48c1e33f
shl r8, 4 # 49c1e004
shl r15, 32 # 49c1e720
push rax # 50
pop rax # 58
push rbx # 53
pop rbx # 5b
push rbp # 55
pop rbp # 5d
push rsi # 56
pop rsi # 5e
push r8 # 4150
pop r8 # 4158
push r12 # 4154
pop r12 # 415c
push r15 # 4157
pop r15 # 415f
mov rdx, qword ptr [rax] # 488b10
mov rdx, qword ptr [rcx] # 488b11
mov rdx, qword ptr [rbx] # 488b13
mov rdx, qword ptr [rsp] # 488b1424
mov rdx, qword ptr [rbp] # 488b5500
mov rdx, qword ptr [rsi] # 488b16
mov rdx, qword ptr [r8] # 498b10
mov rdx, qword ptr [r12] # 498b1424
mov rdx, qword ptr [r13] # 498b5500
mov rdx, qword ptr [r15] # 498b17
mov rdx, qword ptr [rdx+8] # 488b5208
mov rdx, qword ptr [rsp+8] # 488b542408
mov rdx, qword ptr [rbp-8] # 488b55f8
mov rdx, qword ptr [r12+8] # 498b542408
mov rdx, qword ptr [r13+127] # 498b557f
mov rdx, qword ptr [rdi-128] # 488b5780
mov rdx, qword ptr [rdi+128] # 488b9780000000
mov rdx, qword ptr [r9-129] # 498b917fffffff
mov rdx, qword ptr [rsp+4096] # 488b942400100000
mov rdx, qword ptr [r12-100000] # 498b94246079feff
mov rdx, qword ptr [rdi+2147483647] # 488b97ffffff7f
mov rdx, qword ptr [rdi-2147483648] # 488b9700000080
mov rdx, qword ptr [rax+rcx*1] # 488b1408
mov rdx, qword ptr [rax+rcx*2] # 488b1448
mov rdx, qword ptr [rsi+rdx*4] # 488b1496
mov rdx, qword ptr [rdi+rbx*8] # 488b14df
mov rdx, qword ptr [rbp+rax*1] # 488b540500
mov rdx, qword ptr [r13+rax*2] # 498b544500
mov rdx, qword ptr [rsp+rax*4] # 488b1484
mov rdx, qword ptr [r12+rax*8] # 498b14c4
mov rdx, qword ptr [rax+rbp*1] # 488b1428
mov rdx, qword ptr [rax+r12*2] # 4a8b1460
mov rdx, qword ptr [rax+r13*4] # 4a8b14a8
mov rdx, qword ptr [r8+r9*8] # 4b8b14c8
mov rdx, qword ptr [rdi+r11*4+64] # 4a8b549f40
mov rdx, qword ptr [r15+rsi*8-64] # 498b54f7c0
mov rdx, qword ptr [rsp+r12*1+127] # 4a8b54247f
mov rdx, qword ptr [rbp+r13*2+1000] # 4a8b946de8030000
mov rdx, qword ptr [r12+rbp*4-1000] # 498b94ac18fcffff
mov rdx, qword ptr [r13+r12*8+16] # 4b8b54e510
mov rax, qword ptr [rax] # 488b00
mov qword ptr [rax], rax # 488900
lea rax, [rax] # 488d00
mov rax, qword ptr [r13] # 498b4500
mov qword ptr [r13], rax # 49894500
lea rax, [r13] # 498d4500
mov rax, qword ptr [rcx+r12*8+64] # 4a8b44e140
mov qword ptr [rcx+r12*8+64], rax # 4a8944e140
lea rax, [rcx+r12*8+64] # 4a8d44e140
mov rsp, qword ptr [rax] # 488b20
mov qword ptr [rax], rsp # 488920
lea rsp, [rax] # 488d20
mov rsp, qword ptr [r13] # 498b6500
mov qword ptr [r13], rsp # 49896500
lea rsp, [r13] # 498d6500
mov rsp, qword ptr [rcx+r12*8+64] # 4a8b64e140
mov qword ptr [rcx+r12*8+64], rsp # 4a8964e140
lea rsp, [rcx+r12*8+64] # 4a8d64e140
mov r8, qword ptr [rax] # 4c8b00
mov qword ptr [rax], r8 # 4c8900
lea r8, [rax] # 4c8d00
mov r8, qword ptr [r13] # 4d8b4500
mov qword ptr [r13], r8 # 4d894500
lea r8, [r13] # 4d8d4500
mov r8, qword ptr [rcx+r12*8+64] # 4e8b44e140
mov qword ptr [rcx+r12*8+64], r8 # 4e8944e140
lea r8, [rcx+r12*8+64] # 4e8d44e140
mov r15, qword ptr [rax] # 4c8b38
mov qword ptr [rax], r15 # 4c8938
lea r15, [rax] # 4c8d38
mov r15, qword ptr [r13] # 4d8b7d00
mov qword ptr [r13], r15 # 4d897d00
lea r15, [r13] # 4d8d7d00
mov r15, qword ptr [rcx+r12*8+64] # 4e8b7ce140
mov qword ptr [rcx+r12*8+64], r15 # 4e897ce140
lea r15, [rcx+r12*8+64] # 4e8d7ce140
mov dword ptr [rsp], eax # 890424
mov word ptr [rsp], ax # 66890424
movzx eax, word ptr [rsp] # 0fb70424
mov dword ptr [r13+r14*2-2], eax # 43894475fe
mov word ptr [r13+r14*2-2], ax # 6643894475fe
movzx eax, word ptr [r13+r14*2-2] # 430fb74475fe
mov dword ptr [rax+r9*4+1024], eax # 4289848800040000
mov word ptr [rax+r9*4+1024], ax # 664289848800040000
movzx eax, word ptr [rax+r9*4+1024] # 420fb7848800040000
mov dword ptr [rsp], esi # 893424
mov word ptr [rsp], si # 66893424
movzx esi, word ptr [rsp] # 0fb73424
mov dword ptr [r13+r14*2-2], esi # 43897475fe
mov word ptr [r13+r14*2-2], si # 6643897475fe
movzx esi, word ptr [r13+r14*2-2] # 430fb77475fe
mov dword ptr [rax+r9*4+1024], esi # 4289b48800040000
mov word ptr [rax+r9*4+1024], si # 664289b48800040000
movzx esi, word ptr [rax+r9*4+1024] # 420fb7b48800040000
mov dword ptr [rsp], r8d # 44890424
mov word ptr [rsp], r8w # 6644890424
movzx r8d, word ptr [rsp] # 440fb70424
mov dword ptr [r13+r14*2-2], r8d # 47894475fe
mov word ptr [r13+r14*2-2], r8w # 6647894475fe
movzx r8d, word ptr [r13+r14*2-2] # 470fb74475fe
mov dword ptr [rax+r9*4+1024], r8d # 4689848800040000
mov word ptr [rax+r9*4+1024], r8w # 664689848800040000
movzx r8d, word ptr [rax+r9*4+1024] # 460fb7848800040000
mov dword ptr [rsp], r15d # 44893c24
mov word ptr [rsp], r15w # 6644893c24
movzx r15d, word ptr [rsp] # 440fb73c24
mov dword ptr [r13+r14*2-2], r15d # 47897c75fe
mov word ptr [r13+r14*2-2], r15w # 6647897c75fe
movzx r15d, word ptr [r13+r14*2-2] # 470fb77c75fe
mov dword ptr [rax+r9*4+1024], r15d # 4689bc8800040000
mov word ptr [rax+r9*4+1024], r15w # 664689bc8800040000
movzx r15d, word ptr [rax+r9*4+1024] # 460fb7bc8800040000
prefetcht0 byte ptr [rax] # 0f1808
prefetcht0 byte ptr [rsi+1024] # 0f188e00040000
prefetcht0 byte ptr [r8] # 410f1808
prefetcht0 byte ptr [r12+64] # 410f184c2440
prefetcht0 byte ptr [rdi+r9*4] # 420f180c8f
prefetcht0 byte ptr [r14+r15*8-128] # 430f184cfe80
prefetcht0 byte ptr [rbp] # 0f184d00
prefetcht0 byte ptr [rsp+128] # 0f188c2480000000
cpuid # 0fa2
xgetbv # 0f01d0
ret # c3
vzeroupper # c5f877
# Vectors of 256 bits.
vmovdqu ymm1, ymm2 # c5fe6fca
vmovdqu ymm9, ymm2 # c57e6fca
vmovdqu ymm15, ymm3 # c57e6ffb
{load} vmovdqu ymm1, ymm10 # c4c17e6fca
{load} vmovdqu ymm12, ymm13 # c4417e6fe5
vmovdqu ymm1, ymmword ptr [rax] # c5fe6f08
vmovdqu ymm9, ymmword ptr [rcx] # c57e6f09
vmovdqu ymm1, ymmword ptr [rbx] # c5fe6f0b
vmovdqu ymm9, ymmword ptr [rsp] # c57e6f0c24
vmovdqu ymm1, ymmword ptr [rbp] # c5fe6f4d00
vmovdqu ymm9, ymmword ptr [rsi] # c57e6f0e
vmovdqu ymm1, ymmword ptr [r8] # c4c17e6f08
vmovdqu ymm9, ymmword ptr [r12] # c4417e6f0c24
vmovdqu ymm1, ymmword ptr [r13] # c4c17e6f4d00
vmovdqu ymm9, ymmword ptr [r15] # c4417e6f0f
vmovdqu ymm1, ymmword ptr [rdx+8] # c5fe6f4a08
vmovdqu ymm9, ymmword ptr [rsp+8] # c57e6f4c2408
vmovdqu ymm1, ymmword ptr [rbp-8] # c5fe6f4df8
vmovdqu ymm9, ymmword ptr [r12+8] # c4417e6f4c2408
vmovdqu ymm1, ymmword ptr [r13+127] # c4c17e6f4d7f
vmovdqu ymm9, ymmword ptr [rdi-128] # c57e6f4f80
vmovdqu ymm1, ymmword ptr [rdi+128] # c5fe6f8f80000000
vmovdqu ymm9, ymmword ptr [r9-129] # c4417e6f897fffffff
vmovdqu ymm1, ymmword ptr [rsp+4096] # c5fe6f8c2400100000
vmovdqu ymm9, ymmword ptr [r12-100000] # c4417e6f8c246079feff
vmovdqu ymm1, ymmword ptr [rdi+2147483647] # c5fe6f8fffffff7f
vmovdqu ymm9, ymmword ptr [rdi-2147483648] # c57e6f8f00000080
vmovdqu ymm1, ymmword ptr [rax+rcx*1] # c5fe6f0c08
vmovdqu ymm9, ymmword ptr [rax+rcx*2] # c57e6f0c48
vmovdqu ymm1, ymmword ptr [rsi+rdx*4] # c5fe6f0c96
vmovdqu ymm9, ymmword ptr [rdi+rbx*8] # c57e6f0cdf
vmovdqu ymm1, ymmword ptr [rbp+rax*1] # c5fe6f4c0500
vmovdqu ymm9, ymmword ptr [r13+rax*2] # c4417e6f4c4500
vmovdqu ymm1, ymmword ptr [rsp+rax*4] # c5fe6f0c84
vmovdqu ymm9, ymmword ptr [r12+rax*8] # c4417e6f0cc4
vmovdqu ymm1, ymmword ptr [rax+rbp*1] # c5fe6f0c28
vmovdqu ymm9, ymmword ptr [rax+r12*2] # c4217e6f0c60
vmovdqu ymm1, ymmword ptr [rax+r13*4] # c4a17e6f0ca8
vmovdqu ymm9, ymmword ptr [r8+r9*8] # c4017e6f0cc8
vmovdqu ymm1, ymmword ptr [rdi+r11*4+64] # c4a17e6f4c9f40
vmovdqu ymm9, ymmword ptr [r15+rsi*8-64] # c4417e6f4cf7c0
vmovdqu ymm1, ymmword ptr [rsp+r12*1+127] # c4a17e6f4c247f
vmovdqu ymm9, ymmword ptr [rbp+r13*2+1000] # c4217e6f8c6de8030000
vmovdqu ymm1, ymmword ptr [r12+rbp*4-1000] # c4c17e6f8cac18fcffff
vmovdqu ymm9, ymmword ptr [r13+r12*8+16] # c4017e6f4ce510
vmovdqu ymmword ptr [rax], ymm2 # c5fe7f10
vmovdqu ymmword ptr [rsp], ymm10 # c57e7f1424
vmovdqu ymmword ptr [r8], ymm2 # c4c17e7f10
vmovdqu ymmword ptr [r15], ymm10 # c4417e7f17
vmovdqu ymmword ptr [rbp-8], ymm2 # c5fe7f55f8
vmovdqu ymmword ptr [rdi-128], ymm10 # c57e7f5780
vmovdqu ymmword ptr [rsp+4096], ymm2 # c5fe7f942400100000
vmovdqu ymmword ptr [rdi-2147483648], ymm10 # c57e7f9700000080
vmovdqu ymmword ptr [rsi+rdx*4], ymm2 # c5fe7f1496
vmovdqu ymmword ptr [r13+rax*2], ymm10 # c4417e7f544500
vmovdqu ymmword ptr [rax+rbp*1], ymm2 # c5fe7f1428
vmovdqu ymmword ptr [r8+r9*8], ymm10 # c4017e7f14c8
vmovdqu ymmword ptr [rsp+r12*1+127], ymm2 # c4a17e7f54247f
vmovdqu ymmword ptr [r13+r12*8+16], ymm10 # c4017e7f54e510
vbroadcasti128 ymm3, xmmword ptr [rcx] # c4e27d5a19
vbroadcasti128 ymm11, xmmword ptr [rsi] # c4627d5a1e
vbroadcasti128 ymm3, xmmword ptr [r15] # c4c27d5a1f
vbroadcasti128 ymm11, xmmword ptr [r12+8] # c4427d5a5c2408
vbroadcasti128 ymm3, xmmword ptr [r9-129] # c4c27d5a997fffffff
vbroadcasti128 ymm11, xmmword ptr [rdi-2147483648] # c4627d5a9f00000080
vbroadcasti128 ymm3, xmmword ptr [rdi+rbx*8] # c4e27d5a1cdf
vbroadcasti128 ymm11, xmmword ptr [r12+rax*8] # c4427d5a1cc4
vbroadcasti128 ymm3, xmmword ptr [r8+r9*8] # c4827d5a1cc8
vbroadcasti128 ymm11, xmmword ptr [rbp+r13*2+1000] # c4227d5a9c6de8030000
vbroadcasti128 ymm3, xmmword ptr [rax] # c4e27d5a18
vbroadcasti128 ymm11, xmmword ptr [r8] # c4427d5a18
vbroadcasti128 ymm3, xmmword ptr [rax+r8*2] # c4a27d5a1c40
vpand ymm1, ymm2, ymm3 # c5eddbcb
vpand ymm9, ymm2, ymm3 # c56ddbcb
vpand ymm1, ymm10, ymm3 # c5addbcb
vpand ymm1, ymm2, ymm11 # c4c16ddbcb
vpand ymm15, ymm14, ymm13 # c4410ddbfd
vpand ymm4, ymm5, ymmword ptr [r12] # c4c155db2424
vpand ymm12, ymm3, ymmword ptr [r13+127] # c44165db657f
vpand ymm7, ymm13, ymmword ptr [rdi-2147483648] # c595dbbf00000080
vpor ymm1, ymm2, ymm3 # c5edebcb
vpor ymm9, ymm2, ymm3 # c56debcb
vpor ymm1, ymm10, ymm3 # c5adebcb
vpor ymm1, ymm2, ymm11 # c4c16debcb
vpor ymm15, ymm14, ymm13 # c4410debfd
vpor ymm4, ymm5, ymmword ptr [rsp+rax*4] # c5d5eb2484
vpor ymm12, ymm3, ymmword ptr [r15+rsi*8-64] # c44165eb64f7c0
vpor ymm7, ymm13, ymmword ptr [rbx] # c595eb3b
vpxor ymm1, ymm2, ymm3 # c5edefcb
vpxor ymm9, ymm2, ymm3 # c56defcb
vpxor ymm1, ymm10, ymm3 # c5adefcb
vpxor ymm1, ymm2, ymm11 # c4c16defcb
vpxor ymm15, ymm14, ymm13 # c4410deffd
vpxor ymm4, ymm5, ymmword ptr [r15] # c4c155ef27
vpxor ymm12, ymm3, ymmword ptr [rdi+128] # c565efa780000000
vpxor ymm7, ymm13, ymmword ptr [rax+rcx*2] # c595ef3c48
vpaddd ymm1, ymm2, ymm3 # c5edfecb
vpaddd ymm9, ymm2, ymm3 # c56dfecb
vpaddd ymm1, ymm10, ymm3 # c5adfecb
vpaddd ymm1, ymm2, ymm11 # c4c16dfecb
vpaddd ymm15, ymm14, ymm13 # c4410dfefd
vpaddd ymm4, ymm5, ymmword ptr [rax+rbp*1] # c5d5fe2428
vpaddd ymm12, ymm3, ymmword ptr [rbp+r13*2+1000] # c42165fea46de8030000
vpaddd ymm7, ymm13, ymmword ptr [rbp] # c595fe7d00
vpsubd ymm1, ymm2, ymm3 # c5edfacb
vpsubd ymm9, ymm2, ymm3 # c56dfacb
vpsubd ymm1, ymm10, ymm3 # c5adfacb
vpsubd ymm1, ymm2, ymm11 # c4c16dfacb
vpsubd ymm15, ymm14, ymm13 # c4410dfafd
vpsubd ymm4, ymm5, ymmword ptr [rsp+8] # c5d5fa642408
vpsubd ymm12, ymm3, ymmword ptr [rsp+4096] # c565faa42400100000
vpsubd ymm7, ymm13, ymmword ptr [rdi+rbx*8] # c595fa3cdf
vpmaddwd ymm1, ymm2, ymm3 # c5edf5cb
vpmaddwd ymm9, ymm2, ymm3 # c56df5cb
vpmaddwd ymm1, ymm10, ymm3 # c5adf5cb
vpmaddwd ymm1, ymm2, ymm11 # c4c16df5cb
vpmaddwd ymm15, ymm14, ymm13 # c4410df5fd
vpmaddwd ymm4, ymm5, ymmword ptr [rax+r13*4] # c4a155f524a8
vpmaddwd ymm12, ymm3, ymmword ptr [r13+r12*8+16] # c40165f564e510
vpmaddwd ymm7, ymm13, ymmword ptr [r8] # c4c115f538
vpmaddubsw ymm1, ymm2, ymm3 # c4e26d04cb
vpmaddubsw ymm9, ymm2, ymm3 # c4626d04cb
vpmaddubsw ymm1, ymm10, ymm3 # c4e22d04cb
vpmaddubsw ymm1, ymm2, ymm11 # c4c26d04cb
vpmaddubsw ymm15, ymm14, ymm13 # c4420d04fd
vpmaddubsw ymm4, ymm5, ymmword ptr [r12+8] # c4c25504642408
vpmaddubsw ymm12, ymm3, ymmword ptr [rdi+2147483647] # c4626504a7ffffff7f
vpmaddubsw ymm7, ymm13, ymmword ptr [r13+rax*2] # c4c215047c4500
vpmulld ymm1, ymm2, ymm3 # c4e26d40cb
vpmulld ymm9, ymm2, ymm3 # c4626d40cb
vpmulld ymm1, ymm10, ymm3 # c4e22d40cb
vpmulld ymm1, ymm2, ymm11 # c4c26d40cb
vpmulld ymm15, ymm14, ymm13 # c4420d40fd
vpmulld ymm4, ymm5, ymmword ptr [rdi+r11*4+64] # c4a25540649f40
vpmulld ymm12, ymm3, ymmword ptr [rcx] # c462654021
vpmulld ymm7, ymm13, ymmword ptr [r13] # c4c215407d00
vpaddw ymm1, ymm2, ymm3 # c5edfdcb
vpaddw ymm9, ymm2, ymm3 # c56dfdcb
vpaddw ymm1, ymm10, ymm3 # c5adfdcb
vpaddw ymm1, ymm2, ymm11 # c4c16dfdcb
vpaddw ymm15, ymm14, ymm13 # c4410dfdfd
vpaddw ymm4, ymm5, ymmword ptr [rdi-128] # c5d5fd6780
vpaddw ymm12, ymm3, ymmword ptr [rax+rcx*1] # c565fd2408
vpaddw ymm7, ymm13, ymmword ptr [r12+rax*8] # c4c115fd3cc4
{vex} vpdpwssd ymm1, ymm2, ymm3 # c4e26d52cb
{vex} vpdpwssd ymm9, ymm2, ymm3 # c4626d52cb
{vex} vpdpwssd ymm1, ymm10, ymm3 # c4e22d52cb
{vex} vpdpwssd ymm1, ymm2, ymm11 # c4c26d52cb
{vex} vpdpwssd ymm15, ymm14, ymm13 # c4420d52fd
{vex} vpdpwssd ymm4, ymm5, ymmword ptr [rsp+r12*1+127] # c4a2555264247f
{vex} vpdpwssd ymm12, ymm3, ymmword ptr [rsp] # c46265522424
{vex} vpdpwssd ymm7, ymm13, ymmword ptr [rdx+8] # c4e215527a08
{vex} vpdpbusd ymm1, ymm2, ymm3 # c4e26d50cb
{vex} vpdpbusd ymm9, ymm2, ymm3 # c4626d50cb
{vex} vpdpbusd ymm1, ymm10, ymm3 # c4e22d50cb
{vex} vpdpbusd ymm1, ymm2, ymm11 # c4c26d50cb
{vex} vpdpbusd ymm15, ymm14, ymm13 # c4420d50fd
{vex} vpdpbusd ymm4, ymm5, ymmword ptr [r9-129] # c4c25550a17fffffff
{vex} vpdpbusd ymm12, ymm3, ymmword ptr [rsi+rdx*4] # c46265502496
{vex} vpdpbusd ymm7, ymm13, ymmword ptr [rax+r12*2] # c4a215503c60
vpshufb ymm1, ymm2, ymm3 # c4e26d00cb
vpshufb ymm9, ymm2, ymm3 # c4626d00cb
vpshufb ymm1, ymm10, ymm3 # c4e22d00cb
vpshufb ymm1, ymm2, ymm11 # c4c26d00cb
vpshufb ymm15, ymm14, ymm13 # c4420d00fd
vpshufb ymm4, ymm5, ymmword ptr [r12+rbp*4-1000] # c4c25500a4ac18fcffff
vpshufb ymm12, ymm3, ymmword ptr [rsi] # c462650026
vpshufb ymm7, ymm13, ymmword ptr [rbp-8] # c4e215007df8
vpackssdw ymm1, ymm2, ymm3 # c5ed6bcb
vpackssdw ymm9, ymm2, ymm3 # c56d6bcb
vpackssdw ymm1, ymm10, ymm3 # c5ad6bcb
vpackssdw ymm1, ymm2, ymm11 # c4c16d6bcb
vpackssdw ymm15, ymm14, ymm13 # c4410d6bfd
vpackssdw ymm4, ymm5, ymmword ptr [r12-100000] # c4c1556ba4246079feff
vpackssdw ymm12, ymm3, ymmword ptr [rbp+rax*1] # c5656b640500
vpackssdw ymm7, ymm13, ymmword ptr [r8+r9*8] # c481156b3cc8
vaddps ymm1, ymm2, ymm3 # c5ec58cb
vaddps ymm9, ymm2, ymm3 # c56c58cb
vaddps ymm1, ymm10, ymm3 # c5ac58cb
vaddps ymm1, ymm2, ymm11 # c4c16c58cb
vaddps ymm15, ymm14, ymm13 # c4410c58fd
vaddps ymm4, ymm5, ymmword ptr [rax] # c5d45820
vaddps ymm12, ymm3, ymmword ptr [r12] # c44164582424
vaddps ymm7, ymm13, ymmword ptr [r13+127] # c4c114587d7f
vsubps ymm1, ymm2, ymm3 # c5ec5ccb
vsubps ymm9, ymm2, ymm3 # c56c5ccb
vsubps ymm1, ymm10, ymm3 # c5ac5ccb
vsubps ymm1, ymm2, ymm11 # c4c16c5ccb
vsubps ymm15, ymm14, ymm13 # c4410c5cfd
vsubps ymm4, ymm5, ymmword ptr [rdi-2147483648] # c5d45ca700000080
vsubps ymm12, ymm3, ymmword ptr [rsp+rax*4] # c5645c2484
vsubps ymm7, ymm13, ymmword ptr [r15+rsi*8-64] # c4c1145c7cf7c0
vmulps ymm1, ymm2, ymm3 # c5ec59cb
vmulps ymm9, ymm2, ymm3 # c56c59cb
vmulps ymm1, ymm10, ymm3 # c5ac59cb
vmulps ymm1, ymm2, ymm11 # c4c16c59cb
vmulps ymm15, ymm14, ymm13 # c4410c59fd
vmulps ymm4, ymm5, ymmword ptr [rbx] # c5d45923
vmulps ymm12, ymm3, ymmword ptr [r15] # c441645927
vmulps ymm7, ymm13, ymmword ptr [rdi+128] # c59459bf80000000
vdivps ymm1, ymm2, ymm3 # c5ec5ecb
vdivps ymm9, ymm2, ymm3 # c56c5ecb
vdivps ymm1, ymm10, ymm3 # c5ac5ecb
vdivps ymm1, ymm2, ymm11 # c4c16c5ecb
vdivps ymm15, ymm14, ymm13 # c4410c5efd
vdivps ymm4, ymm5, ymmword ptr [rax+rcx*2] # c5d45e2448
vdivps ymm12, ymm3, ymmword ptr [rax+rbp*1] # c5645e2428
vdivps ymm7, ymm13, ymmword ptr [rbp+r13*2+1000] # c4a1145ebc6de8030000
vmaxps ymm1, ymm2, ymm3 # c5ec5fcb
vmaxps ymm9, ymm2, ymm3 # c56c5fcb
vmaxps ymm1, ymm10, ymm3 # c5ac5fcb
vmaxps ymm1, ymm2, ymm11 # c4c16c5fcb
vmaxps ymm15, ymm14, ymm13 # c4410c5ffd
vmaxps ymm4, ymm5, ymmword ptr [rbp] # c5d45f6500
vmaxps ymm12, ymm3, ymmword ptr [rsp+8] # c5645f642408
vmaxps ymm7, ymm13, ymmword ptr [rsp+4096] # c5945fbc2400100000
vminps ymm1, ymm2, ymm3 # c5ec5dcb
vminps ymm9, ymm2, ymm3 # c56c5dcb
vminps ymm1, ymm10, ymm3 # c5ac5dcb
vminps ymm1, ymm2, ymm11 # c4c16c5dcb
vminps ymm15, ymm14, ymm13 # c4410c5dfd
vminps ymm4, ymm5, ymmword ptr [rdi+rbx*8] # c5d45d24df
vminps ymm12, ymm3, ymmword ptr [rax+r13*4] # c421645d24a8
vminps ymm7, ymm13, ymmword ptr [r13+r12*8+16] # c481145d7ce510
vfmadd231ps ymm1, ymm2, ymm3 # c4e26db8cb
vfmadd231ps ymm9, ymm2, ymm3 # c4626db8cb
vfmadd231ps ymm1, ymm10, ymm3 # c4e22db8cb
vfmadd231ps ymm1, ymm2, ymm11 # c4c26db8cb
vfmadd231ps ymm15, ymm14, ymm13 # c4420db8fd
vfmadd231ps ymm4, ymm5, ymmword ptr [r8] # c4c255b820
vfmadd231ps ymm12, ymm3, ymmword ptr [r12+8] # c44265b8642408
vfmadd231ps ymm7, ymm13, ymmword ptr [rdi+2147483647] # c4e215b8bfffffff7f
vfmadd213ps ymm1, ymm2, ymm3 # c4e26da8cb
vfmadd213ps ymm9, ymm2, ymm3 # c4626da8cb
vfmadd213ps ymm1, ymm10, ymm3 # c4e22da8cb
vfmadd213ps ymm1, ymm2, ymm11 # c4c26da8cb
vfmadd213ps ymm15, ymm14, ymm13 # c4420da8fd
vfmadd213ps ymm4, ymm5, ymmword ptr [r13+rax*2] # c4c255a8644500
vfmadd213ps ymm12, ymm3, ymmword ptr [rdi+r11*4+64] # c42265a8649f40
vfmadd213ps ymm7, ymm13, ymmword ptr [rcx] # c4e215a839
vpbroadcastd ymm1, xmm2 # c4e27d58ca
vpbroadcastd ymm9, xmm2 # c4627d58ca
vpbroadcastd ymm1, xmm10 # c4c27d58ca
vpbroadcastd ymm15, xmm14 # c4427d58fe
vpbroadcastd ymm4, dword ptr [r13] # c4c27d586500
vpbroadcastd ymm12, dword ptr [rdi-128] # c4627d586780
vpmovzxbd ymm1, xmm2 # c4e27d31ca
vpmovzxbd ymm9, xmm2 # c4627d31ca
vpmovzxbd ymm1, xmm10 # c4c27d31ca
vpmovzxbd ymm15, xmm14 # c4427d31fe
vpmovzxbd ymm4, qword ptr [rax+rcx*1] # c4e27d312408
vpmovzxbd ymm12, qword ptr [r12+rax*8] # c4427d3124c4
vpmovsxbd ymm1, xmm2 # c4e27d21ca
vpmovsxbd ymm9, xmm2 # c4627d21ca
vpmovsxbd ymm1, xmm10 # c4c27d21ca
vpmovsxbd ymm15, xmm14 # c4427d21fe
vpmovsxbd ymm4, qword ptr [rsp+r12*1+127] # c4a27d2164247f
vpmovsxbd ymm12, qword ptr [rsp] # c4627d212424
vpmovzxwd ymm1, xmm2 # c4e27d33ca
vpmovzxwd ymm9, xmm2 # c4627d33ca
vpmovzxwd ymm1, xmm10 # c4c27d33ca
vpmovzxwd ymm15, xmm14 # c4427d33fe
vpmovzxwd ymm4, xmmword ptr [rdx+8] # c4e27d336208
vpmovzxwd ymm12, xmmword ptr [r9-129] # c4427d33a17fffffff
vpmovsxwd ymm1, xmm2 # c4e27d23ca
vpmovsxwd ymm9, xmm2 # c4627d23ca
vpmovsxwd ymm1, xmm10 # c4c27d23ca
vpmovsxwd ymm15, xmm14 # c4427d23fe
vpmovsxwd ymm4, xmmword ptr [rsi+rdx*4] # c4e27d232496
vpmovsxwd ymm12, xmmword ptr [rax+r12*2] # c4227d232460
vcvtdq2ps ymm1, ymm2 # c5fc5bca
vcvtdq2ps ymm9, ymm2 # c57c5bca
vcvtdq2ps ymm1, ymm10 # c4c17c5bca
vcvtdq2ps ymm15, ymm14 # c4417c5bfe
vcvtdq2ps ymm4, ymmword ptr [r12+rbp*4-1000] # c4c17c5ba4ac18fcffff
vcvtdq2ps ymm12, ymmword ptr [rsi] # c57c5b26
vcvtps2dq ymm1, ymm2 # c5fd5bca
vcvtps2dq ymm9, ymm2 # c57d5bca
vcvtps2dq ymm1, ymm10 # c4c17d5bca
vcvtps2dq ymm15, ymm14 # c4417d5bfe
vcvtps2dq ymm4, ymmword ptr [rbp-8] # c5fd5b65f8
vcvtps2dq ymm12, ymmword ptr [r12-100000] # c4417d5ba4246079feff
vcvttps2dq ymm1, ymm2 # c5fe5bca
vcvttps2dq ymm9, ymm2 # c57e5bca
vcvttps2dq ymm1, ymm10 # c4c17e5bca
vcvttps2dq ymm15, ymm14 # c4417e5bfe
vcvttps2dq ymm4, ymmword ptr [rbp+rax*1] # c5fe5b640500
vcvttps2dq ymm12, ymmword ptr [r8+r9*8] # c4017e5b24c8
vcvtph2ps ymm1, xmm2 # c4e27d13ca
vcvtph2ps ymm9, xmm2 # c4627d13ca
vcvtph2ps ymm1, xmm10 # c4c27d13ca
vcvtph2ps ymm15, xmm14 # c4427d13fe
vcvtph2ps ymm4, xmmword ptr [rax] # c4e27d1320
vcvtph2ps ymm12, xmmword ptr [r12] # c4427d132424
vpsrld ymm1, ymm2, 1 # c5f572d201
vpsrld ymm9, ymm2, 4 # c5b572d204
vpsrld ymm1, ymm10, 16 # c4c17572d210
vpsrld ymm15, ymm14, 31 # c4c10572d61f
vpsrad ymm1, ymm2, 1 # c5f572e201
vpsrad ymm9, ymm2, 4 # c5b572e204
vpsrad ymm1, ymm10, 16 # c4c17572e210
vpsrad ymm15, ymm14, 31 # c4c10572e61f
vpslld ymm1, ymm2, 1 # c5f572f201
vpslld ymm9, ymm2, 4 # c5b572f204
vpslld ymm1, ymm10, 16 # c4c17572f210
vpslld ymm15, ymm14, 31 # c4c10572f61f
vpsrlw ymm1, ymm2, 1 # c5f571d201
vpsrlw ymm9, ymm2, 4 # c5b571d204
vpsrlw ymm1, ymm10, 16 # c4c17571d210
vpsrlw ymm15, ymm14, 31 # c4c10571d61f
vpsllw ymm1, ymm2, 1 # c5f571f201
vpsllw ymm9, ymm2, 4 # c5b571f204
vpsllw ymm1, ymm10, 16 # c4c17571f210
vpsllw ymm15, ymm14, 31 # c4c10571f61f
vperm2f128 ymm1, ymm2, ymm3, 0 # c4e36d06cb00
vperm2f128 ymm9, ymm2, ymm3, 1 # c4636d06cb01
vperm2f128 ymm1, ymm10, ymm3, 32 # c4e32d06cb20
vperm2f128 ymm1, ymm2, ymm11, 49 # c4c36d06cb31
vperm2f128 ymm15, ymm14, ymm13, 136 # c4430d06fd88
vpermilps ymm1, ymm2, 0 # c4e37d04ca00
vpermilps ymm9, ymm2, 177 # c4637d04cab1
vpermilps ymm1, ymm10, 78 # c4c37d04ca4e
vpermilps ymm15, ymm14, 255 # c4437d04feff
# Vectors of 512 bits.
vmovdqu32 zmm1, zmm2 # 62f17e486fca
vmovdqu32 zmm31, zmm2 # 62617e486ffa
vmovdqu32 zmm1, zmm31 # 62917e486fcf
vmovdqu32 zmm9, zmm17 # 62317e486fc9
vmovdqu32 zmm18, zmm10 # 62c17e486fd2
vmovdqu32 zmm15, zmm14 # 62517e486ffe
vmovdqu32 zmm1, zmmword ptr [rax] # 62f17e486f08
vmovdqu32 zmm9, zmmword ptr [rcx] # 62717e486f09
vmovdqu32 zmm17, zmmword ptr [rbx] # 62e17e486f0b
vmovdqu32 zmm25, zmmword ptr [rsp] # 62617e486f0c24
vmovdqu32 zmm1, zmmword ptr [rbp] # 62f17e486f4d00
vmovdqu32 zmm9, zmmword ptr [rsi] # 62717e486f0e
vmovdqu32 zmm17, zmmword ptr [r8] # 62c17e486f08
vmovdqu32 zmm25, zmmword ptr [r12] # 62417e486f0c24
vmovdqu32 zmm1, zmmword ptr [r13] # 62d17e486f4d00
vmovdqu32 zmm9, zmmword ptr [r15] # 62517e486f0f
vmovdqu32 zmm17, zmmword ptr [rdx+8] # 62e17e486f8a08000000
vmovdqu32 zmm25, zmmword ptr [rsp+8] # 62617e486f8c2408000000
vmovdqu32 zmm1, zmmword ptr [rbp-8] # 62f17e486f8df8ffffff
vmovdqu32 zmm9, zmmword ptr [r12+8] # 62517e486f8c2408000000
vmovdqu32 zmm17, zmmword ptr [r13+127] # 62c17e486f8d7f000000
vmovdqu32 zmm25, zmmword ptr [rdi-128] # 62617e486f4ffe
vmovdqu32 zmm1, zmmword ptr [rdi+128] # 62f17e486f4f02
vmovdqu32 zmm9, zmmword ptr [r9-129] # 62517e486f897fffffff
vmovdqu32 zmm17, zmmword ptr [rsp+4096] # 62e17e486f4c2440
vmovdqu32 zmm25, zmmword ptr [r12-100000] # 62417e486f8c246079feff
vmovdqu32 zmm1, zmmword ptr [rdi+2147483647] # 62f17e486f8fffffff7f
vmovdqu32 zmm9, zmmword ptr [rdi-2147483648] # 62717e486f8f00000080
vmovdqu32 zmm17, zmmword ptr [rax+rcx*1] # 62e17e486f0c08
vmovdqu32 zmm25, zmmword ptr [rax+rcx*2] # 62617e486f0c48
vmovdqu32 zmm1, zmmword ptr [rsi+rdx*4] # 62f17e486f0c96
vmovdqu32 zmm9, zmmword ptr [rdi+rbx*8] # 62717e486f0cdf
vmovdqu32 zmm17, zmmword ptr [rbp+rax*1] # 62e17e486f4c0500
vmovdqu32 zmm25, zmmword ptr [r13+rax*2] # 62417e486f4c4500
vmovdqu32 zmm1, zmmword ptr [rsp+rax*4] # 62f17e486f0c84
vmovdqu32 zmm9, zmmword ptr [r12+rax*8] # 62517e486f0cc4
vmovdqu32 zmm17, zmmword ptr [rax+rbp*1] # 62e17e486f0c28
vmovdqu32 zmm25, zmmword ptr [rax+r12*2] # 62217e486f0c60
vmovdqu32 zmm1, zmmword ptr [rax+r13*4] # 62b17e486f0ca8
vmovdqu32 zmm9, zmmword ptr [r8+r9*8] # 62117e486f0cc8
vmovdqu32 zmm17, zmmword ptr [rdi+r11*4+64] # 62a17e486f4c9f01
vmovdqu32 zmm25, zmmword ptr [r15+rsi*8-64] # 62417e486f4cf7ff
vmovdqu32 zmm1, zmmword ptr [rsp+r12*1+127] # 62b17e486f8c247f000000
vmovdqu32 zmm9, zmmword ptr [rbp+r13*2+1000] # 62317e486f8c6de8030000
vmovdqu32 zmm17, zmmword ptr [r12+rbp*4-1000] # 62c17e486f8cac18fcffff
vmovdqu32 zmm25, zmmword ptr [r13+r12*8+16] # 62017e486f8ce510000000
vmovdqu32 zmm1, zmmword ptr [r13+128] # 62d17e486f4d02
vmovdqu32 zmm2, zmmword ptr [rax-8192] # 62f17e486f5080
vmovdqu32 zmm3, zmmword ptr [r12+8128] # 62d17e486f5c247f
vmovdqu32 zmm4, zmmword ptr [rbp+8192] # 62f17e486fa500200000
vmovdqu32 zmm5, zmmword ptr [rsp-8256] # 62f17e486fac24c0dfffff
vmovdqu32 zmm6, zmmword ptr [r8+129] # 62d17e486fb081000000
vmovdqu32 zmm7, zmmword ptr [rsi+32] # 62f17e486fbe20000000
vmovdqu32 zmm8, zmmword ptr [rdi+188] # 62717e486f87bc000000
vmovdqu32 zmmword ptr [r13+128], zmm15 # 62517e487f7d02
vmovdqu32 zmmword ptr [rax-8192], zmm20 # 62e17e487f6080
vmovdqu32 zmmword ptr [r12+8128], zmm25 # 62417e487f4c247f
vmovdqu32 zmmword ptr [rbp+8192], zmm30 # 62617e487fb500200000
vmovdqu32 zmmword ptr [rsp-8256], zmm4 # 62f17e487fa424c0dfffff
vmovdqu32 zmmword ptr [r8+129], zmm9 # 62517e487f8881000000
vmovdqu32 zmmword ptr [rsi+32], zmm14 # 62717e487fb620000000
vmovdqu32 zmmword ptr [rdi+188], zmm19 # 62e17e487f9fbc000000
vmovdqu32 zmmword ptr [rax], zmm2 # 62f17e487f10
vmovdqu32 zmmword ptr [rsp], zmm10 # 62717e487f1424
vmovdqu32 zmmword ptr [r8], zmm18 # 62c17e487f10
vmovdqu32 zmmword ptr [r15], zmm26 # 62417e487f17
vmovdqu32 zmmword ptr [rbp-8], zmm2 # 62f17e487f95f8ffffff
vmovdqu32 zmmword ptr [rdi-128], zmm10 # 62717e487f57fe
vmovdqu32 zmmword ptr [rsp+4096], zmm18 # 62e17e487f542440
vmovdqu32 zmmword ptr [rdi-2147483648], zmm26 # 62617e487f9700000080
vmovdqu32 zmmword ptr [rsi+rdx*4], zmm2 # 62f17e487f1496
vmovdqu32 zmmword ptr [r13+rax*2], zmm10 # 62517e487f544500
vmovdqu32 zmmword ptr [rax+rbp*1], zmm18 # 62e17e487f1428
vmovdqu32 zmmword ptr [r8+r9*8], zmm26 # 62017e487f14c8
vmovdqu32 zmmword ptr [rsp+r12*1+127], zmm2 # 62b17e487f94247f000000
vmovdqu32 zmmword ptr [r13+r12*8+16], zmm10 # 62117e487f94e510000000
vbroadcasti32x4 zmm19, xmmword ptr [r13+32] # 62c27d485a5d02
vbroadcasti32x4 zmm24, xmmword ptr [rax-2048] # 62627d485a4080
vbroadcasti32x4 zmm29, xmmword ptr [r12+2032] # 62427d485a6c247f
vbroadcasti32x4 zmm3, xmmword ptr [rbp+2048] # 62f27d485a9d00080000
vbroadcasti32x4 zmm8, xmmword ptr [rsp-2064] # 62727d485a8424f0f7ffff
vbroadcasti32x4 zmm13, xmmword ptr [r8+33] # 62527d485aa821000000
vbroadcasti32x4 zmm18, xmmword ptr [rsi+8] # 62e27d485a9608000000
vbroadcasti32x4 zmm23, xmmword ptr [rdi+44] # 62e27d485abf2c000000
vbroadcasti32x4 zmm28, xmmword ptr [rax] # 62627d485a20
vbroadcasti32x4 zmm2, xmmword ptr [r8] # 62d27d485a10
vbroadcasti32x4 zmm7, xmmword ptr [rax+r8*2] # 62b27d485a3c40
vbroadcasti32x4 zmm12, xmmword ptr [r9+rcx*4+256] # 62527d485a648910
vpandd zmm1, zmm2, zmm3 # 62f16d48dbcb
vpandd zmm31, zmm2, zmm3 # 62616d48dbfb
vpandd zmm1, zmm31, zmm3 # 62f10540dbcb
vpandd zmm1, zmm2, zmm31 # 62916d48dbcf
vpandd zmm8, zmm16, zmm24 # 62117d40dbc0
vpandd zmm17, zmm9, zmm15 # 62c13548dbcf
vpandd zmm4, zmm21, zmmword ptr [rsp+192] # 62f15540db642403
vpandd zmm12, zmm5, zmmword ptr [r8-8256] # 62515548dba0c0dfffff
vpandd zmm20, zmm29, zmmword ptr [rsi+32] # 62e11540dba620000000
vpandd zmm30, zmm3, zmmword ptr [r13+127] # 62416548dbb57f000000
vpandd zmm4, zmm21, dword ptr [rdi+12]{1to16} # 62f15550db6703
vpandd zmm12, zmm5, dword ptr [r13-516]{1to16} # 62515558dba5fcfdffff
vpandd zmm20, zmm29, dword ptr [rax+2]{1to16} # 62e11550dba002000000
vpandd zmm19, zmm7, dword ptr [rdi-2147483648]{1to16} # 62e14558db9f00000080
vpord zmm1, zmm2, zmm3 # 62f16d48ebcb
vpord zmm31, zmm2, zmm3 # 62616d48ebfb
vpord zmm1, zmm31, zmm3 # 62f10540ebcb
vpord zmm1, zmm2, zmm31 # 62916d48ebcf
vpord zmm8, zmm16, zmm24 # 62117d40ebc0
vpord zmm17, zmm9, zmm15 # 62c13548ebcf
vpord zmm4, zmm21, zmmword ptr [r12+192] # 62d15540eb642403
vpord zmm12, zmm5, zmmword ptr [rbp-8256] # 62715548eba5c0dfffff
vpord zmm20, zmm29, zmmword ptr [rsp+32] # 62e11540eba42420000000
vpord zmm30, zmm3, zmmword ptr [rsp+rax*4] # 62616548eb3484
vpord zmm4, zmm21, dword ptr [r8+12]{1to16} # 62d15550eb6003
vpord zmm12, zmm5, dword ptr [rsi-516]{1to16} # 62715558eba6fcfdffff
vpord zmm20, zmm29, dword ptr [rdi+2]{1to16} # 62e11550eba702000000
vpord zmm19, zmm7, dword ptr [r15+rsi*8-64]{1to16} # 62c14558eb5cf7f0
vpxord zmm1, zmm2, zmm3 # 62f16d48efcb
vpxord zmm31, zmm2, zmm3 # 62616d48effb
vpxord zmm1, zmm31, zmm3 # 62f10540efcb
vpxord zmm1, zmm2, zmm31 # 62916d48efcf
vpxord zmm8, zmm16, zmm24 # 62117d40efc0
vpxord zmm17, zmm9, zmm15 # 62c13548efcf
vpxord zmm4, zmm21, zmmword ptr [r13+192] # 62d15540ef6503
vpxord zmm12, zmm5, zmmword ptr [rax-8256] # 62715548efa0c0dfffff
vpxord zmm20, zmm29, zmmword ptr [r12+32] # 62c11540efa42420000000
vpxord zmm30, zmm3, zmmword ptr [rbx] # 62616548ef33
vpxord zmm4, zmm21, dword ptr [rbp+12]{1to16} # 62f15550ef6503
vpxord zmm12, zmm5, dword ptr [rsp-516]{1to16} # 62715558efa424fcfdffff
vpxord zmm20, zmm29, dword ptr [r8+2]{1to16} # 62c11550efa002000000
vpxord zmm19, zmm7, dword ptr [r15]{1to16} # 62c14558ef1f
vpaddd zmm1, zmm2, zmm3 # 62f16d48fecb
vpaddd zmm31, zmm2, zmm3 # 62616d48fefb
vpaddd zmm1, zmm31, zmm3 # 62f10540fecb
vpaddd zmm1, zmm2, zmm31 # 62916d48fecf
vpaddd zmm8, zmm16, zmm24 # 62117d40fec0
vpaddd zmm17, zmm9, zmm15 # 62c13548fecf
vpaddd zmm4, zmm21, zmmword ptr [rsi+192] # 62f15540fe6603
vpaddd zmm12, zmm5, zmmword ptr [rdi-8256] # 62715548fea7c0dfffff
vpaddd zmm20, zmm29, zmmword ptr [r13+32] # 62c11540fea520000000
vpaddd zmm30, zmm3, zmmword ptr [rdi+128] # 62616548fe7702
vpaddd zmm4, zmm21, dword ptr [rax+12]{1to16} # 62f15550fe6003
vpaddd zmm12, zmm5, dword ptr [r12-516]{1to16} # 62515558fea424fcfdffff
vpaddd zmm20, zmm29, dword ptr [rbp+2]{1to16} # 62e11550fea502000000
vpaddd zmm19, zmm7, dword ptr [rax+rcx*2]{1to16} # 62e14558fe1c48
vpsubd zmm1, zmm2, zmm3 # 62f16d48facb
vpsubd zmm31, zmm2, zmm3 # 62616d48fafb
vpsubd zmm1, zmm31, zmm3 # 62f10540facb
vpsubd zmm1, zmm2, zmm31 # 62916d48facf
vpsubd zmm8, zmm16, zmm24 # 62117d40fac0
vpsubd zmm17, zmm9, zmm15 # 62c13548facf
vpsubd zmm4, zmm21, zmmword ptr [rsp+192] # 62f15540fa642403
vpsubd zmm12, zmm5, zmmword ptr [r8-8256] # 62515548faa0c0dfffff
vpsubd zmm20, zmm29, zmmword ptr [rsi+32] # 62e11540faa620000000
vpsubd zmm30, zmm3, zmmword ptr [rax+rbp*1] # 62616548fa3428
vpsubd zmm4, zmm21, dword ptr [rdi+12]{1to16} # 62f15550fa6703
vpsubd zmm12, zmm5, dword ptr [r13-516]{1to16} # 62515558faa5fcfdffff
vpsubd zmm20, zmm29, dword ptr [rax+2]{1to16} # 62e11550faa002000000
vpsubd zmm19, zmm7, dword ptr [rbp+r13*2+1000]{1to16} # 62a14558fa9c6de8030000
vpmaddwd zmm1, zmm2, zmm3 # 62f16d48f5cb
vpmaddwd zmm31, zmm2, zmm3 # 62616d48f5fb
vpmaddwd zmm1, zmm31, zmm3 # 62f10540f5cb
vpmaddwd zmm1, zmm2, zmm31 # 62916d48f5cf
vpmaddwd zmm8, zmm16, zmm24 # 62117d40f5c0
vpmaddwd zmm17, zmm9, zmm15 # 62c13548f5cf
vpmaddwd zmm4, zmm21, zmmword ptr [r12+128] # 62d15540f5642402
vpmaddwd zmm12, zmm5, zmmword ptr [rbp-8192] # 62715548f56580
vpmaddwd zmm20, zmm29, zmmword ptr [rsp+8128] # 62e11540f564247f
vpmaddwd zmm28, zmm13, zmmword ptr [r8+8192] # 62411548f5a000200000
vpmaddwd zmm4, zmm21, zmmword ptr [rsi-8256] # 62f15540f5a6c0dfffff
vpmaddwd zmm12, zmm5, zmmword ptr [rdi+129] # 62715548f5a781000000
vpmaddwd zmm20, zmm29, zmmword ptr [r13+32] # 62c11540f5a520000000
vpmaddwd zmm28, zmm13, zmmword ptr [rax+188] # 62611548f5a0bc000000
vpmaddwd zmm30, zmm3, zmmword ptr [rbp] # 62616548f57500
vpmaddubsw zmm1, zmm2, zmm3 # 62f26d4804cb
vpmaddubsw zmm31, zmm2, zmm3 # 62626d4804fb
vpmaddubsw zmm1, zmm31, zmm3 # 62f2054004cb
vpmaddubsw zmm1, zmm2, zmm31 # 62926d4804cf
vpmaddubsw zmm8, zmm16, zmm24 # 62127d4004c0
vpmaddubsw zmm17, zmm9, zmm15 # 62c2354804cf
vpmaddubsw zmm4, zmm21, zmmword ptr [r12+192] # 62d2554004642403
vpmaddubsw zmm12, zmm5, zmmword ptr [rbp-8256] # 6272554804a5c0dfffff
vpmaddubsw zmm20, zmm29, zmmword ptr [rsp+32] # 62e2154004a42420000000
vpmaddubsw zmm30, zmm3, zmmword ptr [rsp+8] # 6262654804b42408000000
vpmulld zmm1, zmm2, zmm3 # 62f26d4840cb
vpmulld zmm31, zmm2, zmm3 # 62626d4840fb
vpmulld zmm1, zmm31, zmm3 # 62f2054040cb
vpmulld zmm1, zmm2, zmm31 # 62926d4840cf
vpmulld zmm8, zmm16, zmm24 # 62127d4040c0
vpmulld zmm17, zmm9, zmm15 # 62c2354840cf
vpmulld zmm4, zmm21, zmmword ptr [r8+192] # 62d25540406003
vpmulld zmm12, zmm5, zmmword ptr [rsi-8256] # 6272554840a6c0dfffff
vpmulld zmm20, zmm29, zmmword ptr [rdi+32] # 62e2154040a720000000
vpmulld zmm30, zmm3, zmmword ptr [rsp+4096] # 6262654840742440
vpmulld zmm4, zmm21, dword ptr [r13+12]{1to16} # 62d25550406503
vpmulld zmm12, zmm5, dword ptr [rax-516]{1to16} # 6272555840a0fcfdffff
vpmulld zmm20, zmm29, dword ptr [r12+2]{1to16} # 62c2155040a42402000000
vpmulld zmm19, zmm7, dword ptr [rdi+rbx*8]{1to16} # 62e24558401cdf
vpaddw zmm1, zmm2, zmm3 # 62f16d48fdcb
vpaddw zmm31, zmm2, zmm3 # 62616d48fdfb
vpaddw zmm1, zmm31, zmm3 # 62f10540fdcb
vpaddw zmm1, zmm2, zmm31 # 62916d48fdcf
vpaddw zmm8, zmm16, zmm24 # 62117d40fdc0
vpaddw zmm17, zmm9, zmm15 # 62c13548fdcf
vpaddw zmm4, zmm21, zmmword ptr [rbp+192] # 62f15540fd6503
vpaddw zmm12, zmm5, zmmword ptr [rsp-8256] # 62715548fda424c0dfffff
vpaddw zmm20, zmm29, zmmword ptr [r8+32] # 62c11540fda020000000
vpaddw zmm30, zmm3, zmmword ptr [rax+r13*4] # 62216548fd34a8
vpdpwssd zmm1, zmm2, zmm3 # 62f26d4852cb
vpdpwssd zmm31, zmm2, zmm3 # 62626d4852fb
vpdpwssd zmm1, zmm31, zmm3 # 62f2054052cb
vpdpwssd zmm1, zmm2, zmm31 # 62926d4852cf
vpdpwssd zmm8, zmm16, zmm24 # 62127d4052c0
vpdpwssd zmm17, zmm9, zmm15 # 62c2354852cf
vpdpwssd zmm4, zmm21, zmmword ptr [rsi+128] # 62f25540526602
vpdpwssd zmm12, zmm5, zmmword ptr [rdi-8192] # 62725548526780
vpdpwssd zmm20, zmm29, zmmword ptr [r13+8128] # 62c2154052657f
vpdpwssd zmm28, zmm13, zmmword ptr [rax+8192] # 6262154852a000200000
vpdpwssd zmm4, zmm21, zmmword ptr [r12-8256] # 62d2554052a424c0dfffff
vpdpwssd zmm12, zmm5, zmmword ptr [rbp+129] # 6272554852a581000000
vpdpwssd zmm20, zmm29, zmmword ptr [rsp+32] # 62e2154052a42420000000
vpdpwssd zmm28, zmm13, zmmword ptr [r8+188] # 6242154852a0bc000000
vpdpwssd zmm30, zmm3, zmmword ptr [r13+r12*8+16] # 6202654852b4e510000000
vpdpwssd zmm4, zmm21, dword ptr [rsi+8]{1to16} # 62f25550526602
vpdpwssd zmm12, zmm5, dword ptr [rdi-512]{1to16} # 62725558526780
vpdpwssd zmm20, zmm29, dword ptr [r13+508]{1to16} # 62c2155052657f
vpdpwssd zmm28, zmm13, dword ptr [rax+512]{1to16} # 6262155852a000020000
vpdpwssd zmm4, zmm21, dword ptr [r12-516]{1to16} # 62d2555052a424fcfdffff
vpdpwssd zmm12, zmm5, dword ptr [rbp+9]{1to16} # 6272555852a509000000
vpdpwssd zmm20, zmm29, dword ptr [rsp+2]{1to16} # 62e2155052a42402000000
vpdpwssd zmm28, zmm13, dword ptr [r8+6]{1to16} # 6242155852a006000000
vpdpwssd zmm19, zmm7, dword ptr [r8]{1to16} # 62c245585218
vpdpbusd zmm1, zmm2, zmm3 # 62f26d4850cb
vpdpbusd zmm31, zmm2, zmm3 # 62626d4850fb
vpdpbusd zmm1, zmm31, zmm3 # 62f2054050cb
vpdpbusd zmm1, zmm2, zmm31 # 62926d4850cf
vpdpbusd zmm8, zmm16, zmm24 # 62127d4050c0
vpdpbusd zmm17, zmm9, zmm15 # 62c2354850cf
vpdpbusd zmm4, zmm21, zmmword ptr [rsi+192] # 62f25540506603
vpdpbusd zmm12, zmm5, zmmword ptr [rdi-8256] # 6272554850a7c0dfffff
vpdpbusd zmm20, zmm29, zmmword ptr [r13+32] # 62c2154050a520000000
vpdpbusd zmm30, zmm3, zmmword ptr [r12+8] # 6242654850b42408000000
vpdpbusd zmm4, zmm21, dword ptr [rax+12]{1to16} # 62f25550506003
vpdpbusd zmm12, zmm5, dword ptr [r12-516]{1to16} # 6252555850a424fcfdffff
vpdpbusd zmm20, zmm29, dword ptr [rbp+2]{1to16} # 62e2155050a502000000
vpdpbusd zmm19, zmm7, dword ptr [rdi+2147483647]{1to16} # 62e24558509fffffff7f
vpshufb zmm1, zmm2, zmm3 # 62f26d4800cb
vpshufb zmm31, zmm2, zmm3 # 62626d4800fb
vpshufb zmm1, zmm31, zmm3 # 62f2054000cb
vpshufb zmm1, zmm2, zmm31 # 62926d4800cf
vpshufb zmm8, zmm16, zmm24 # 62127d4000c0
vpshufb zmm17, zmm9, zmm15 # 62c2354800cf
vpshufb zmm4, zmm21, zmmword ptr [rsp+192] # 62f2554000642403
vpshufb zmm12, zmm5, zmmword ptr [r8-8256] # 6252554800a0c0dfffff
vpshufb zmm20, zmm29, zmmword ptr [rsi+32] # 62e2154000a620000000
vpshufb zmm30, zmm3, zmmword ptr [r13+rax*2] # 6242654800744500
vpackssdw zmm1, zmm2, zmm3 # 62f16d486bcb
vpackssdw zmm31, zmm2, zmm3 # 62616d486bfb
vpackssdw zmm1, zmm31, zmm3 # 62f105406bcb
vpackssdw zmm1, zmm2, zmm31 # 62916d486bcf
vpackssdw zmm8, zmm16, zmm24 # 62117d406bc0
vpackssdw zmm17, zmm9, zmm15 # 62c135486bcf
vpackssdw zmm4, zmm21, zmmword ptr [rdi+192] # 62f155406b6703
vpackssdw zmm12, zmm5, zmmword ptr [r13-8256] # 625155486ba5c0dfffff
vpackssdw zmm20, zmm29, zmmword ptr [rax+32] # 62e115406ba020000000
vpackssdw zmm30, zmm3, zmmword ptr [rdi+r11*4+64] # 622165486b749f01
vpackssdw zmm4, zmm21, dword ptr [r12+12]{1to16} # 62d155506b642403
vpackssdw zmm12, zmm5, dword ptr [rbp-516]{1to16} # 627155586ba5fcfdffff
vpackssdw zmm20, zmm29, dword ptr [rsp+2]{1to16} # 62e115506ba42402000000
vpackssdw zmm19, zmm7, dword ptr [rcx]{1to16} # 62e145586b19
vaddps zmm1, zmm2, zmm3 # 62f16c4858cb
vaddps zmm31, zmm2, zmm3 # 62616c4858fb
vaddps zmm1, zmm31, zmm3 # 62f1044058cb
vaddps zmm1, zmm2, zmm31 # 62916c4858cf
vaddps zmm8, zmm16, zmm24 # 62117c4058c0
vaddps zmm17, zmm9, zmm15 # 62c1344858cf
vaddps zmm4, zmm21, zmmword ptr [r8+192] # 62d15440586003
vaddps zmm12, zmm5, zmmword ptr [rsi-8256] # 6271544858a6c0dfffff
vaddps zmm20, zmm29, zmmword ptr [rdi+32] # 62e1144058a720000000
vaddps zmm30, zmm3, zmmword ptr [r13] # 62416448587500
vaddps zmm4, zmm21, dword ptr [r13+12]{1to16} # 62d15450586503
vaddps zmm12, zmm5, dword ptr [rax-516]{1to16} # 6271545858a0fcfdffff
vaddps zmm20, zmm29, dword ptr [r12+2]{1to16} # 62c1145058a42402000000
vaddps zmm19, zmm7, dword ptr [rdi-128]{1to16} # 62e14458585fe0
vsubps zmm1, zmm2, zmm3 # 62f16c485ccb
vsubps zmm31, zmm2, zmm3 # 62616c485cfb
vsubps zmm1, zmm31, zmm3 # 62f104405ccb
vsubps zmm1, zmm2, zmm31 # 62916c485ccf
vsubps zmm8, zmm16, zmm24 # 62117c405cc0
vsubps zmm17, zmm9, zmm15 # 62c134485ccf
vsubps zmm4, zmm21, zmmword ptr [rbp+192] # 62f154405c6503
vsubps zmm12, zmm5, zmmword ptr [rsp-8256] # 627154485ca424c0dfffff
vsubps zmm20, zmm29, zmmword ptr [r8+32] # 62c114405ca020000000
vsubps zmm30, zmm3, zmmword ptr [rax+rcx*1] # 626164485c3408
vsubps zmm4, zmm21, dword ptr [rsi+12]{1to16} # 62f154505c6603
vsubps zmm12, zmm5, dword ptr [rdi-516]{1to16} # 627154585ca7fcfdffff
vsubps zmm20, zmm29, dword ptr [r13+2]{1to16} # 62c114505ca502000000
vsubps zmm19, zmm7, dword ptr [r12+rax*8]{1to16} # 62c144585c1cc4
vmulps zmm1, zmm2, zmm3 # 62f16c4859cb
vmulps zmm31, zmm2, zmm3 # 62616c4859fb
vmulps zmm1, zmm31, zmm3 # 62f1044059cb
vmulps zmm1, zmm2, zmm31 # 62916c4859cf
vmulps zmm8, zmm16, zmm24 # 62117c4059c0
vmulps zmm17, zmm9, zmm15 # 62c1344859cf
vmulps zmm4, zmm21, zmmword ptr [rax+192] # 62f15440596003
vmulps zmm12, zmm5, zmmword ptr [r12-8256] # 6251544859a424c0dfffff
vmulps zmm20, zmm29, zmmword ptr [rbp+32] # 62e1144059a520000000
vmulps zmm30, zmm3, zmmword ptr [rsp+r12*1+127] # 6221644859b4247f000000
vmulps zmm4, zmm21, dword ptr [rsp+12]{1to16} # 62f1545059642403
vmulps zmm12, zmm5, dword ptr [r8-516]{1to16} # 6251545859a0fcfdffff
vmulps zmm20, zmm29, dword ptr [rsi+2]{1to16} # 62e1145059a602000000
vmulps zmm19, zmm7, dword ptr [rsp]{1to16} # 62e14458591c24
vscalefps zmm1, zmm2, zmm3 # 62f26d482ccb
vscalefps zmm31, zmm2, zmm3 # 62626d482cfb
vscalefps zmm1, zmm31, zmm3 # 62f205402ccb
vscalefps zmm1, zmm2, zmm31 # 62926d482ccf
vscalefps zmm8, zmm16, zmm24 # 62127d402cc0
vscalefps zmm17, zmm9, zmm15 # 62c235482ccf
vscalefps zmm4, zmm21, zmmword ptr [rax+192] # 62f255402c6003
vscalefps zmm12, zmm5, zmmword ptr [r12-8256] # 625255482ca424c0dfffff
vscalefps zmm20, zmm29, zmmword ptr [rbp+32] # 62e215402ca520000000
vscalefps zmm30, zmm3, zmmword ptr [rsp+r12*1+127] # 622265482cb4247f000000
vscalefps zmm4, zmm21, dword ptr [rsp+12]{1to16} # 62f255502c642403
vscalefps zmm12, zmm5, dword ptr [r8-516]{1to16} # 625255582ca0fcfdffff
vscalefps zmm20, zmm29, dword ptr [rsi+2]{1to16} # 62e215502ca602000000
vscalefps zmm19, zmm7, dword ptr [rsp]{1to16} # 62e245582c1c24
vdivps zmm1, zmm2, zmm3 # 62f16c485ecb
vdivps zmm31, zmm2, zmm3 # 62616c485efb
vdivps zmm1, zmm31, zmm3 # 62f104405ecb
vdivps zmm1, zmm2, zmm31 # 62916c485ecf
vdivps zmm8, zmm16, zmm24 # 62117c405ec0
vdivps zmm17, zmm9, zmm15 # 62c134485ecf
vdivps zmm4, zmm21, zmmword ptr [rdi+192] # 62f154405e6703
vdivps zmm12, zmm5, zmmword ptr [r13-8256] # 625154485ea5c0dfffff
vdivps zmm20, zmm29, zmmword ptr [rax+32] # 62e114405ea020000000
vdivps zmm30, zmm3, zmmword ptr [rdx+8] # 626164485eb208000000
vdivps zmm4, zmm21, dword ptr [r12+12]{1to16} # 62d154505e642403
vdivps zmm12, zmm5, dword ptr [rbp-516]{1to16} # 627154585ea5fcfdffff
vdivps zmm20, zmm29, dword ptr [rsp+2]{1to16} # 62e114505ea42402000000
vdivps zmm19, zmm7, dword ptr [r9-129]{1to16} # 62c144585e997fffffff
vmaxps zmm1, zmm2, zmm3 # 62f16c485fcb
vmaxps zmm31, zmm2, zmm3 # 62616c485ffb
vmaxps zmm1, zmm31, zmm3 # 62f104405fcb
vmaxps zmm1, zmm2, zmm31 # 62916c485fcf
vmaxps zmm8, zmm16, zmm24 # 62117c405fc0
vmaxps zmm17, zmm9, zmm15 # 62c134485fcf
vmaxps zmm4, zmm21, zmmword ptr [r8+192] # 62d154405f6003
vmaxps zmm12, zmm5, zmmword ptr [rsi-8256] # 627154485fa6c0dfffff
vmaxps zmm20, zmm29, zmmword ptr [rdi+32] # 62e114405fa720000000
vmaxps zmm30, zmm3, zmmword ptr [rsi+rdx*4] # 626164485f3496
vmaxps zmm4, zmm21, dword ptr [r13+12]{1to16} # 62d154505f6503
vmaxps zmm12, zmm5, dword ptr [rax-516]{1to16} # 627154585fa0fcfdffff
vmaxps zmm20, zmm29, dword ptr [r12+2]{1to16} # 62c114505fa42402000000
vmaxps zmm19, zmm7, dword ptr [rax+r12*2]{1to16} # 62a144585f1c60
vminps zmm1, zmm2, zmm3 # 62f16c485dcb
vminps zmm31, zmm2, zmm3 # 62616c485dfb
vminps zmm1, zmm31, zmm3 # 62f104405dcb
vminps zmm1, zmm2, zmm31 # 62916c485dcf
vminps zmm8, zmm16, zmm24 # 62117c405dc0
vminps zmm17, zmm9, zmm15 # 62c134485dcf
vminps zmm4, zmm21, zmmword ptr [rbp+192] # 62f154405d6503
vminps zmm12, zmm5, zmmword ptr [rsp-8256] # 627154485da424c0dfffff
vminps zmm20, zmm29, zmmword ptr [r8+32] # 62c114405da020000000
vminps zmm30, zmm3, zmmword ptr [r12+rbp*4-1000] # 624164485db4ac18fcffff
vminps zmm4, zmm21, dword ptr [rsi+12]{1to16} # 62f154505d6603
vminps zmm12, zmm5, dword ptr [rdi-516]{1to16} # 627154585da7fcfdffff
vminps zmm20, zmm29, dword ptr [r13+2]{1to16} # 62c114505da502000000
vminps zmm19, zmm7, dword ptr [rsi]{1to16} # 62e144585d1e
vfmadd231ps zmm1, zmm2, zmm3 # 62f26d48b8cb
vfmadd231ps zmm31, zmm2, zmm3 # 62626d48b8fb
vfmadd231ps zmm1, zmm31, zmm3 # 62f20540b8cb
vfmadd231ps zmm1, zmm2, zmm31 # 62926d48b8cf
vfmadd231ps zmm8, zmm16, zmm24 # 62127d40b8c0
vfmadd231ps zmm17, zmm9, zmm15 # 62c23548b8cf
vfmadd231ps zmm4, zmm21, zmmword ptr [rax+192] # 62f25540b86003
vfmadd231ps zmm12, zmm5, zmmword ptr [r12-8256] # 62525548b8a424c0dfffff
vfmadd231ps zmm20, zmm29, zmmword ptr [rbp+32] # 62e21540b8a520000000
vfmadd231ps zmm30, zmm3, zmmword ptr [rbp-8] # 62626548b8b5f8ffffff
vfmadd231ps zmm4, zmm21, dword ptr [rsp+12]{1to16} # 62f25550b8642403
vfmadd231ps zmm12, zmm5, dword ptr [r8-516]{1to16} # 62525558b8a0fcfdffff
vfmadd231ps zmm20, zmm29, dword ptr [rsi+2]{1to16} # 62e21550b8a602000000
vfmadd231ps zmm19, zmm7, dword ptr [r12-100000]{1to16} # 62c24558b89c246079feff
vfmadd213ps zmm1, zmm2, zmm3 # 62f26d48a8cb
vfmadd213ps zmm31, zmm2, zmm3 # 62626d48a8fb
vfmadd213ps zmm1, zmm31, zmm3 # 62f20540a8cb
vfmadd213ps zmm1, zmm2, zmm31 # 62926d48a8cf
vfmadd213ps zmm8, zmm16, zmm24 # 62127d40a8c0
vfmadd213ps zmm17, zmm9, zmm15 # 62c23548a8cf
vfmadd213ps zmm4, zmm21, zmmword ptr [rdi+192] # 62f25540a86703
vfmadd213ps zmm12, zmm5, zmmword ptr [r13-8256] # 62525548a8a5c0dfffff
vfmadd213ps zmm20, zmm29, zmmword ptr [rax+32] # 62e21540a8a020000000
vfmadd213ps zmm30, zmm3, zmmword ptr [rbp+rax*1] # 62626548a8740500
vfmadd213ps zmm4, zmm21, dword ptr [r12+12]{1to16} # 62d25550a8642403
vfmadd213ps zmm12, zmm5, dword ptr [rbp-516]{1to16} # 62725558a8a5fcfdffff
vfmadd213ps zmm20, zmm29, dword ptr [rsp+2]{1to16} # 62e21550a8a42402000000
vfmadd213ps zmm19, zmm7, dword ptr [r8+r9*8]{1to16} # 62824558a81cc8
vpbroadcastd zmm1, xmm2 # 62f27d4858ca
vpbroadcastd zmm31, xmm2 # 62627d4858fa
vpbroadcastd zmm1, xmm31 # 62927d4858cf
vpbroadcastd zmm9, xmm17 # 62327d4858c9
vpbroadcastd zmm18, xmm10 # 62c27d4858d2
vpbroadcastd zmm15, xmm14 # 62527d4858fe
vpbroadcastd zmm4, dword ptr [r8+8] # 62d27d48586002
vpbroadcastd zmm12, dword ptr [rsi-512] # 62727d48586680
vpbroadcastd zmm20, dword ptr [rdi+508] # 62e27d4858677f
vpbroadcastd zmm28, dword ptr [r13+512] # 62427d4858a500020000
vpbroadcastd zmm4, dword ptr [rax-516] # 62f27d4858a0fcfdffff
vpbroadcastd zmm12, dword ptr [r12+9] # 62527d4858a42409000000
vpbroadcastd zmm20, dword ptr [rbp+2] # 62e27d4858a502000000
vpbroadcastd zmm28, dword ptr [rsp+6] # 62627d4858a42406000000
vpbroadcastd zmm22, dword ptr [rax] # 62e27d485830
vpmovzxbd zmm1, xmm2 # 62f27d4831ca
vpmovzxbd zmm31, xmm2 # 62627d4831fa
vpmovzxbd zmm1, xmm31 # 62927d4831cf
vpmovzxbd zmm9, xmm17 # 62327d4831c9
vpmovzxbd zmm18, xmm10 # 62c27d4831d2
vpmovzxbd zmm15, xmm14 # 62527d4831fe
vpmovzxbd zmm4, xmmword ptr [r8+32] # 62d27d48316002
vpmovzxbd zmm12, xmmword ptr [rsi-2048] # 62727d48316680
vpmovzxbd zmm20, xmmword ptr [rdi+2032] # 62e27d4831677f
vpmovzxbd zmm28, xmmword ptr [r13+2048] # 62427d4831a500080000
vpmovzxbd zmm4, xmmword ptr [rax-2064] # 62f27d4831a0f0f7ffff
vpmovzxbd zmm12, xmmword ptr [r12+33] # 62527d4831a42421000000
vpmovzxbd zmm20, xmmword ptr [rbp+8] # 62e27d4831a508000000
vpmovzxbd zmm28, xmmword ptr [rsp+44] # 62627d4831a4242c000000
vpmovzxbd zmm22, xmmword ptr [r12] # 62c27d48313424
vpmovsxbd zmm1, xmm2 # 62f27d4821ca
vpmovsxbd zmm31, xmm2 # 62627d4821fa
vpmovsxbd zmm1, xmm31 # 62927d4821cf
vpmovsxbd zmm9, xmm17 # 62327d4821c9
vpmovsxbd zmm18, xmm10 # 62c27d4821d2
vpmovsxbd zmm15, xmm14 # 62527d4821fe
vpmovsxbd zmm4, xmmword ptr [r8+48] # 62d27d48216003
vpmovsxbd zmm12, xmmword ptr [rsi-2064] # 62727d4821a6f0f7ffff
vpmovsxbd zmm20, xmmword ptr [rdi+8] # 62e27d4821a708000000
vpmovsxbd zmm22, xmmword ptr [r13+127] # 62c27d4821b57f000000
vpmovzxwd zmm1, ymm2 # 62f27d4833ca
vpmovzxwd zmm31, ymm2 # 62627d4833fa
vpmovzxwd zmm1, ymm31 # 62927d4833cf
vpmovzxwd zmm9, ymm17 # 62327d4833c9
vpmovzxwd zmm18, ymm10 # 62c27d4833d2
vpmovzxwd zmm15, ymm14 # 62527d4833fe
vpmovzxwd zmm4, ymmword ptr [r13+64] # 62d27d48336502
vpmovzxwd zmm12, ymmword ptr [rax-4096] # 62727d48336080
vpmovzxwd zmm20, ymmword ptr [r12+4064] # 62c27d483364247f
vpmovzxwd zmm28, ymmword ptr [rbp+4096] # 62627d4833a500100000
vpmovzxwd zmm4, ymmword ptr [rsp-4128] # 62f27d4833a424e0efffff
vpmovzxwd zmm12, ymmword ptr [r8+65] # 62527d4833a041000000
vpmovzxwd zmm20, ymmword ptr [rsi+16] # 62e27d4833a610000000
vpmovzxwd zmm28, ymmword ptr [rdi+92] # 62627d4833a75c000000
vpmovzxwd zmm22, ymmword ptr [rdi-2147483648] # 62e27d4833b700000080
vpmovsxwd zmm1, ymm2 # 62f27d4823ca
vpmovsxwd zmm31, ymm2 # 62627d4823fa
vpmovsxwd zmm1, ymm31 # 62927d4823cf
vpmovsxwd zmm9, ymm17 # 62327d4823c9
vpmovsxwd zmm18, ymm10 # 62c27d4823d2
vpmovsxwd zmm15, ymm14 # 62527d4823fe
vpmovsxwd zmm4, ymmword ptr [r13+96] # 62d27d48236503
vpmovsxwd zmm12, ymmword ptr [rax-4128] # 62727d4823a0e0efffff
vpmovsxwd zmm20, ymmword ptr [r12+16] # 62c27d4823a42410000000
vpmovsxwd zmm22, ymmword ptr [rsp+rax*4] # 62e27d48233484
vcvtdq2ps zmm1, zmm2 # 62f17c485bca
vcvtdq2ps zmm31, zmm2 # 62617c485bfa
vcvtdq2ps zmm1, zmm31 # 62917c485bcf
vcvtdq2ps zmm9, zmm17 # 62317c485bc9
vcvtdq2ps zmm18, zmm10 # 62c17c485bd2
vcvtdq2ps zmm15, zmm14 # 62517c485bfe
vcvtdq2ps zmm4, zmmword ptr [rbp+192] # 62f17c485b6503
vcvtdq2ps zmm12, zmmword ptr [rsp-8256] # 62717c485ba424c0dfffff
vcvtdq2ps zmm20, zmmword ptr [r8+32] # 62c17c485ba020000000
vcvtdq2ps zmm22, zmmword ptr [r15+rsi*8-64] # 62c17c485b74f7ff
vcvtdq2ps zmm4, dword ptr [rsi+12]{1to16} # 62f17c585b6603
vcvtdq2ps zmm12, dword ptr [rdi-516]{1to16} # 62717c585ba7fcfdffff
vcvtdq2ps zmm20, dword ptr [r13+2]{1to16} # 62c17c585ba502000000
vcvtps2dq zmm1, zmm2 # 62f17d485bca
vcvtps2dq zmm31, zmm2 # 62617d485bfa
vcvtps2dq zmm1, zmm31 # 62917d485bcf
vcvtps2dq zmm9, zmm17 # 62317d485bc9
vcvtps2dq zmm18, zmm10 # 62c17d485bd2
vcvtps2dq zmm15, zmm14 # 62517d485bfe
vcvtps2dq zmm4, zmmword ptr [rax+192] # 62f17d485b6003
vcvtps2dq zmm12, zmmword ptr [r12-8256] # 62517d485ba424c0dfffff
vcvtps2dq zmm20, zmmword ptr [rbp+32] # 62e17d485ba520000000
vcvtps2dq zmm22, zmmword ptr [rbx] # 62e17d485b33
vcvtps2dq zmm4, dword ptr [rsp+12]{1to16} # 62f17d585b642403
vcvtps2dq zmm12, dword ptr [r8-516]{1to16} # 62517d585ba0fcfdffff
vcvtps2dq zmm20, dword ptr [rsi+2]{1to16} # 62e17d585ba602000000
vcvttps2dq zmm1, zmm2 # 62f17e485bca
vcvttps2dq zmm31, zmm2 # 62617e485bfa
vcvttps2dq zmm1, zmm31 # 62917e485bcf
vcvttps2dq zmm9, zmm17 # 62317e485bc9
vcvttps2dq zmm18, zmm10 # 62c17e485bd2
vcvttps2dq zmm15, zmm14 # 62517e485bfe
vcvttps2dq zmm4, zmmword ptr [rdi+192] # 62f17e485b6703
vcvttps2dq zmm12, zmmword ptr [r13-8256] # 62517e485ba5c0dfffff
vcvttps2dq zmm20, zmmword ptr [rax+32] # 62e17e485ba020000000
vcvttps2dq zmm22, zmmword ptr [r15] # 62c17e485b37
vcvttps2dq zmm4, dword ptr [r12+12]{1to16} # 62d17e585b642403
vcvttps2dq zmm12, dword ptr [rbp-516]{1to16} # 62717e585ba5fcfdffff
vcvttps2dq zmm20, dword ptr [rsp+2]{1to16} # 62e17e585ba42402000000
vcvtph2ps zmm1, ymm2 # 62f27d4813ca
vcvtph2ps zmm31, ymm2 # 62627d4813fa
vcvtph2ps zmm1, ymm31 # 62927d4813cf
vcvtph2ps zmm9, ymm17 # 62327d4813c9
vcvtph2ps zmm18, ymm10 # 62c27d4813d2
vcvtph2ps zmm15, ymm14 # 62527d4813fe
vcvtph2ps zmm4, ymmword ptr [r8+64] # 62d27d48136002
vcvtph2ps zmm12, ymmword ptr [rsi-4096] # 62727d48136680
vcvtph2ps zmm20, ymmword ptr [rdi+4064] # 62e27d4813677f
vcvtph2ps zmm28, ymmword ptr [r13+4096] # 62427d4813a500100000
vcvtph2ps zmm4, ymmword ptr [rax-4128] # 62f27d4813a0e0efffff
vcvtph2ps zmm12, ymmword ptr [r12+65] # 62527d4813a42441000000
vcvtph2ps zmm20, ymmword ptr [rbp+16] # 62e27d4813a510000000
vcvtph2ps zmm28, ymmword ptr [rsp+92] # 62627d4813a4245c000000
vcvtph2ps zmm22, ymmword ptr [rdi+128] # 62e27d48137704
vpsrld zmm1, zmm2, 1 # 62f1754872d201
vpsrld zmm31, zmm2, 4 # 62f1054072d204
vpsrld zmm1, zmm31, 7 # 6291754872d707
vpsrld zmm9, zmm17, 16 # 62b1354872d110
vpsrld zmm18, zmm10, 31 # 62d16d4072d21f
vpsrld zmm15, zmm14, 32 # 62d1054872d620
vpsrad zmm1, zmm2, 1 # 62f1754872e201
vpsrad zmm31, zmm2, 4 # 62f1054072e204
vpsrad zmm1, zmm31, 7 # 6291754872e707
vpsrad zmm9, zmm17, 16 # 62b1354872e110
vpsrad zmm18, zmm10, 31 # 62d16d4072e21f
vpsrad zmm15, zmm14, 32 # 62d1054872e620
vpslld zmm1, zmm2, 1 # 62f1754872f201
vpslld zmm31, zmm2, 4 # 62f1054072f204
vpslld zmm1, zmm31, 7 # 6291754872f707
vpslld zmm9, zmm17, 16 # 62b1354872f110
vpslld zmm18, zmm10, 31 # 62d16d4072f21f
vpslld zmm15, zmm14, 32 # 62d1054872f620
vpsrlw zmm1, zmm2, 1 # 62f1754871d201
vpsrlw zmm31, zmm2, 4 # 62f1054071d204
vpsrlw zmm1, zmm31, 7 # 6291754871d707
vpsrlw zmm9, zmm17, 16 # 62b1354871d110
vpsrlw zmm18, zmm10, 31 # 62d16d4071d21f
vpsrlw zmm15, zmm14, 32 # 62d1054871d620
vpsllw zmm1, zmm2, 1 # 62f1754871f201
vpsllw zmm31, zmm2, 4 # 62f1054071f204
vpsllw zmm1, zmm31, 7 # 6291754871f707
vpsllw zmm9, zmm17, 16 # 62b1354871f110
vpsllw zmm18, zmm10, 31 # 62d16d4071f21f
vpsllw zmm15, zmm14, 32 # 62d1054871f620
vpermilps zmm1, zmm2, 0 # 62f37d4804ca00
vpermilps zmm31, zmm2, 177 # 62637d4804fab1
vpermilps zmm1, zmm31, 78 # 62937d4804cf4e
vpermilps zmm9, zmm17, 255 # 62337d4804c9ff
vpermilps zmm18, zmm10, 27 # 62c37d4804d21b
vpermilps zmm15, zmm14, 1 # 62537d4804fe01
